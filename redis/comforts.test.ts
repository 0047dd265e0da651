import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import { until } from '../tests/support/until.ts';
import type { ClockedStore } from './clocked-store.ts';
import { MESSAGE_BURST, MESSAGE_SPACING_MS } from './message-rate.ts';
import type { RunWord } from './results.ts';

describe('comforts', () => {
  let store: OwnClockedStore;
  let other: ClockedStore;

  before(async () => {
    store = await ownClockedStore();
    other = await store.another();
  });
  beforeEach(() => store.reset());
  after(() => store.close());

  const statuses = async (...users: string[]) => [...(await store.comforts.presence(users)).values()];

  it('presence follows the leases of all replicas, one that died included', async () => {
    expect(await statuses()).to.deep.equal([]);
    await store.users.join('r1', ['ann', 'bob']);
    await store.users.join('r2', ['ann']);
    expect(await statuses('ann', 'bob', 'eve')).to.deep.equal(['online', 'online', 'offline']);
    await store.users.leave('r1', ['ann', 'bob']);
    expect(await statuses('ann', 'bob')).to.deep.equal(['online', 'offline']);
    await store.clock.advance(15_000);
    await store.users.leave('nobody', []);
    expect(await statuses('ann')).to.deep.equal(['offline']);
  });

  it('away is who is away on every replica with sockets of theirs', async () => {
    await store.users.join('r1', ['ann']);
    await store.users.join('r2', ['ann']);
    await store.comforts.markAway('r1', ['ann', 'gone'], []);
    expect(await statuses('ann', 'gone')).to.deep.equal(['online', 'offline']);
    await other.comforts.markAway('r2', ['ann'], ['bob']);
    expect(await statuses('ann')).to.deep.equal(['away']);
    await other.comforts.markAway('r2', [], ['ann']);
    expect(await statuses('ann')).to.deep.equal(['online']);
  });

  it('nobody stays away whose replica has stopped saying so', async () => {
    await store.users.join('r1', ['ann']);
    await store.comforts.markAway('r1', ['ann'], []);
    await store.clock.advance(14_000);
    await store.users.join('r1', ['ann']);
    expect(await statuses('ann')).to.deep.equal(['away']);
    await store.clock.advance(1_000);
    expect(await statuses('ann')).to.deep.equal(['online']);
    await store.comforts.markAway('r2', ['bob'], []);
    expect(await store.connections.command.pttl(`${store.prefix}:{cap}:away`)).to.be.within(59_000, 60_000);
  });

  it('are asked and told about in batches', async () => {
    await store.reset({ max_users: 10_000 });
    const many = Array.from({ length: 2_500 }, (_, n) => `user-${n}`);
    await store.users.join('r1', many);
    await store.comforts.markAway('r1', many.slice(0, 1_500), many.slice(1_500));
    const answers = await statuses(...many);
    expect(answers.filter((status) => status === 'away')).to.have.length(1_500);
    expect(answers.slice(1_500).every((status) => status === 'online')).to.equal(true);
  });

  it('a word about a run reaches every replica that listens to the run, with one small command, also after a lost connection', async () => {
    const heard: Array<[string, RunWord]> = [];
    await store.channels.subscribeRun('run-1', (word) => heard.push(['here', word]));
    await other.channels.subscribeRun('run-1', (word) => heard.push(['there', word]));
    const word: RunWord = { kind: 'typing', userId: 'ann', typing: true };
    await store.comforts.tell('run-2', word);
    await store.comforts.tell('run-1', word);
    await until(() => heard.length === 2, { timeoutMs: 5_000, what: 'both to hear' });
    expect(heard).to.have.deep.members([
      ['here', word],
      ['there', word],
    ]);

    heard.length = 0;
    await store.channels.unsubscribeRun('run-1');
    const again = new Promise<void>((resolve) => other.channels.onResubscribed(resolve));
    await store.connections.command.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await again;
    await store.comforts.tell('run-1', word);
    await until(() => heard.length === 1, { timeoutMs: 5_000, what: 'the other one to hear' });
    expect(heard).to.deep.equal([['there', word]]);
    await other.channels.unsubscribeRun('run-1');
  });

  it('messages: so many at once, then one per spacing, wherever they are sent, and what is refused does not count', async () => {
    const take = (way: ClockedStore = store) => way.messageRate.take('ann');
    for (let n = 0; n < MESSAGE_BURST; n++) expect(await take(n % 2 === 0 ? store : other)).to.equal(0);
    expect(await take()).to.equal(MESSAGE_SPACING_MS);
    expect(await take(other)).to.equal(MESSAGE_SPACING_MS);
    expect(await store.messageRate.take('bob')).to.equal(0);
    await store.clock.advance(MESSAGE_SPACING_MS);
    expect([await take(), await take()]).to.deep.equal([0, MESSAGE_SPACING_MS]);
    await store.clock.advance(MESSAGE_SPACING_MS * MESSAGE_BURST * 2);
    for (let n = 0; n < MESSAGE_BURST; n++) expect(await take()).to.equal(0);
    expect(await take()).to.equal(MESSAGE_SPACING_MS);
  });
});
