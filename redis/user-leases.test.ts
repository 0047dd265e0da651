import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';

const people = (count: number, from = 1) => Array.from({ length: count }, (_, index) => `user-${from + index}`);

describe('user leases', () => {
  let store: OwnClockedStore;

  before(async () => {
    store = await ownClockedStore();
  });
  beforeEach(() => store.reset());
  after(() => store.close());
  const join = async (count: number, from = 1) => (await store.users.join('r1', people(count, from))).level.level;
  const leave = async (count: number, from = 1) => (await store.users.leave('r1', people(count, from))).level;

  it('five tabs of one user on three replicas are one user, until the last replica lets go', async () => {
    for (const replica of ['r1', 'r2', 'r3', 'r1', 'r2']) await store.users.join(replica, ['ann']);
    expect((await store.users.join('r1', ['ann', 'ann'])).level.activeUsers).to.equal(1);
    await store.users.leave('r1', ['ann']);
    await store.users.leave('r3', ['ann']);
    expect((await store.users.leave('r1', ['ann'])).activeUsers).to.equal(1);
    expect((await store.users.leave('r2', ['ann'])).activeUsers).to.equal(0);
  });

  it('a user whose replica died stops counting after 13 s, a renewed one does not', async () => {
    await store.users.join('dead', ['ann', 'bob']);
    await store.users.join('alive', ['bob', 'cid']);
    await store.clock.advance(12_999);
    expect((await store.users.join('alive', ['bob', 'cid'])).level.activeUsers).to.equal(3);
    await store.clock.advance(1);
    expect((await store.users.join('alive', ['bob', 'cid'])).level.activeUsers).to.equal(2);
  });

  it('user ids may contain the separator', async () => {
    await store.users.join('r1', ['a|b', 'b']);
    await store.users.leave('r1', ['a|b']);
    expect((await store.users.join('r1', ['b'])).level.activeUsers).to.equal(1);
    await store.clock.advance(15_000);
    expect((await store.users.leave('r1', ['b'])).activeUsers).to.equal(0);
  });

  it('with a limit of 25 the levels are entered by the 20th, 23rd and 25th user', async () => {
    const levels: string[] = [];
    for (let user = 1; user <= 26; user++) levels.push(await join(1, user));
    const expected = (user: number) =>
      user >= 25 ? 'saturated' : user >= 23 ? 'degraded' : user >= 20 ? 'elevated' : 'normal';
    expect(levels).to.deep.equal(levels.map((_, index) => expected(index + 1)));
  });

  it('a level is left only after 10 s in a row more than 5 points below its entry', async () => {
    // Of 20 users, 75 % are 15: the exit of elevated, which is not below it yet.
    await store.reset({ max_users: 20 });
    expect(await join(16)).to.equal('elevated');
    expect(await leave(1, 16)).to.equal('elevated');
    await store.clock.advance(10_000);
    await store.users.join('r1', people(15));
    expect(await join(15)).to.equal('elevated');

    expect(await leave(1, 15)).to.equal('elevated');
    await store.clock.advance(9_999);
    expect(await join(14), 'a moment too early').to.equal('elevated');
    expect(await join(1, 15), 'back at the exit: the 10 s begin anew').to.equal('elevated');
    expect(await leave(1, 15)).to.equal('elevated');
    await store.clock.advance(9_999);
    expect(await join(14)).to.equal('elevated');
    await store.clock.advance(1);
    expect(await join(14)).to.equal('normal');
  });

  it('levels fall one by one, each by its own exit', async () => {
    expect(await join(25)).to.equal('saturated');
    expect(await leave(6, 20)).to.equal('saturated');
    await store.clock.advance(10_000);
    // 19 of 25 are 76 %: below the exits of saturated and degraded, not of elevated.
    expect(await join(19)).to.equal('elevated');
  });

  it('every change of level is announced once, with a greater sequence; nothing else is', async () => {
    const heard: string[] = [];
    const subscriber = store.connections.command.duplicate();
    await subscriber.subscribe(`${store.prefix}:{cap}:announce`);
    subscriber.on('message', (_channel, message) => heard.push(message));
    const first = (await store.users.join('r1', people(19))).level;
    const second = (await store.users.join('r1', people(20))).level;
    await store.users.join('r2', people(20));
    const third = (await store.users.join('r1', people(23))).level;
    await subscriber.ping();
    expect(heard.map((message) => JSON.parse(message))).to.deep.equal([first, second, third]);
    expect([second.sequence, third.sequence]).to.deep.equal([first.sequence + 1, first.sequence + 2]);
    subscriber.disconnect();
  });

  it('sequences go on growing when the level itself was lost', async () => {
    const before = (await store.users.join('r1', people(20))).level;
    await store.connections.command.del(`${store.prefix}:{cap}:level`);
    await store.clock.advance(10);
    expect((await store.users.join('r1', people(20))).level.sequence).to.be.greaterThan(before.sequence);
  });

  it('a level that nobody evaluates any more expires after 30 s', async () => {
    await join(25);
    const life = await store.connections.command.pttl(`${store.prefix}:{cap}:level`);
    expect(life).to.be.within(29_000, 30_000);
  });

  it('beyond the hard limit only users nobody has a lease of are refused', async () => {
    await store.reset({ max_users: 2, hard_limit_users: 3 });
    await store.users.join('r1', people(3));
    const { results } = await store.users.join('r2', ['user-1', 'stranger', 'user-3']);
    expect(results).to.deep.equal(['joined', 'full', 'joined']);
    expect((await store.users.join('r1', ['user-2'])).results).to.deep.equal(['joined']);
    await store.users.leave('r1', ['user-2']);
    expect((await store.users.join('r2', ['stranger', 'other'])).results).to.deep.equal(['joined', 'full']);
  });

  it('a hard limit of 0 is twice the user limit', async () => {
    await store.reset({ max_users: 2, hard_limit_users: 0 });
    const { results } = await store.users.join('r1', people(5));
    expect(results).to.deep.equal(['joined', 'joined', 'joined', 'joined', 'full']);
  });

  it('without limits (data lost, not rebuilt yet) everybody is let in and the level is normal', async () => {
    await store.connections.command.del(`${store.prefix}:{cap}:limits`);
    const { results, level } = await store.users.join('r1', people(100));
    expect(new Set(results)).to.deep.equal(new Set(['joined']));
    expect(level).to.include({ level: 'normal', activeUsers: 100, maxUsers: 0 });
  });
});
