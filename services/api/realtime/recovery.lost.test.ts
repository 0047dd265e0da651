import { expect } from 'chai';
import { hasNumber, numberedEvent, numbers, publishNumbers } from '../../../tests/support/numbered-events.ts';
import { type Rig, type RigGateway, startRig } from '../../../tests/support/realtime-rig.ts';
import { upTo } from '../../../tests/support/up-to.ts';

describe('recovery of a user stream of which something is lost', () => {
  let rig: Rig;
  let here: RigGateway;
  let there: RigGateway;

  before(async () => {
    rig = await startRig();
    [here, there] = [await rig.gateway(), await rig.gateway()];
  });
  after(() => rig.close());

  const publish = (userId: string, from: number, to: number) => publishNumbers(rig.store, userId, from, to);

  it('sends a snapshot when the history no longer reaches back to the client', async () => {
    const userId = rig.newUser();
    const first = rig.connect(here, userId);
    await first.greeted();
    await first.close();
    await publish(userId, 1, 1_500);
    const second = rig.connect(there, userId, { query: first.place });
    const greeting = await second.greeted();
    expect(greeting.type).to.equal('SNAPSHOT');
    expect(greeting.offset).to.equal(1_500);
    await publish(userId, 1_501, 1_501);
    await hasNumber(second, 1_501);
    expect(numbers(second.frames)).to.deep.equal([1_501]);
  });

  for (const [what, query] of [
    ['the epoch is another one', (epoch: string) => `?epoch=x${epoch.slice(1)}&offset=1`],
    ['the client claims a frame that does not exist yet', (epoch: string) => `?epoch=${epoch}&offset=99`],
  ] as const) {
    it(`sends a snapshot when ${what}`, async () => {
      const userId = rig.newUser();
      const { epoch } = await rig.store.events.open(userId, 'Abcdef');
      await publish(userId, 1, 3);
      const socket = rig.connect(here, userId, { query: query(epoch) });
      expect((await socket.greeted()).type).to.equal('SNAPSHOT');
      expect(socket.frames[0]).to.deep.include({ epoch, offset: 3 });
    });
  }

  /** Stores an event without telling anybody: what a lost PUBLISH looks like. */
  const storeSilently = async (userId: string, n: number): Promise<void> => {
    const redis = rig.store.connections.command;
    const [meta = ''] = await redis.keys(`*{u:${userId}}:meta`);
    const offset = await redis.hincrby(meta, 'offset', 1);
    const epoch = await redis.hget(meta, 'epoch');
    const { type, data } = numberedEvent(userId, n);
    const frame = JSON.stringify({ type, data, at: '', epoch, offset });
    await redis.xadd(meta.replace(/meta$/, 'stream'), `${offset}-0`, 'frame', frame);
  };

  it('fills a hole that the next event shows, without a new greeting', async () => {
    const userId = rig.newUser();
    const socket = rig.connect(here, userId);
    await socket.greeted();
    await publish(userId, 1, 1);
    await hasNumber(socket, 1);
    for (const n of [2, 3, 4]) await storeSilently(userId, n);
    await publish(userId, 5, 5);
    await hasNumber(socket, 5);
    expect(numbers(socket.frames)).to.deep.equal(upTo(5));
    expect(socket.frames).to.have.length(6);
  });

  it('fills a hole that no further event shows', async () => {
    const userId = rig.newUser();
    const watchful = await rig.gateway({ limits: { streamLookMs: 100 } });
    const socket = rig.connect(watchful, userId);
    await socket.greeted();
    await publish(userId, 1, 1);
    await hasNumber(socket, 1);
    await storeSilently(userId, 2);
    await hasNumber(socket, 2);
    expect(numbers(socket.frames)).to.deep.equal([1, 2]);
  });

  it('sends a new snapshot to open sockets whose stream was lost, and goes on from there', async () => {
    const userId = rig.newUser();
    const socket = rig.connect(here, userId);
    await socket.greeted();
    await publish(userId, 1, 2);
    await hasNumber(socket, 2);
    const client = here.store.connections.command;
    const [meta] = await client.keys(`*{u:${userId}}:meta`);
    await client.del(meta ?? '');
    await rig.store.events.open(userId);
    await publish(userId, 3, 3);
    await socket.has((frames) => frames.filter(({ type }) => type === 'SNAPSHOT').length === 2, 'a second snapshot');
    await publish(userId, 4, 4);
    await hasNumber(socket, 4);
    const [before, after] = socket.ofType('SNAPSHOT');
    expect(after?.epoch).to.not.equal(before?.epoch);
    // What the new stream holds, the event under way included, is in the snapshot or after it.
    const rest = socket.frames.slice(socket.frames.findLastIndex(({ type }) => type === 'SNAPSHOT') + 1);
    expect(rest.map(({ offset }) => offset)).to.deep.equal([1, 2].filter((n) => n > (after?.offset ?? 0)));
  });
});
