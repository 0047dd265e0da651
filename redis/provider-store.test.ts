import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { startRedis } from '../tests/support/redis.ts';
import { createRedisStore, type RedisStore } from './store.ts';
import { RedisUnavailable } from './unavailable.ts';

describe('what replicas tell each other about model providers', () => {
  let store: OwnClockedStore;
  let other: RedisStore;

  before(async () => {
    store = await ownClockedStore();
    other = await store.another();
  });
  beforeEach(() => store.reset());
  after(() => store.close());

  it('keeps the choice of an administrator until it is taken back', async () => {
    await store.providers.force('backup');
    expect((await other.providers.read([])).forced).to.equal('backup');
    await store.providers.force(null);
    expect((await other.providers.read([])).forced).to.equal(null);
  });

  it('gives each switched user to one replica only', async () => {
    for (const user of ['ann', 'bob', 'ann', 'cy']) await store.providers.noteSwitched(user);
    const taken = await Promise.all([store.providers.takeSwitched(2), other.providers.takeSwitched(2)]);
    expect(taken.flat()).to.have.members(['ann', 'bob', 'cy']);
    expect(await store.providers.takeSwitched(10)).to.deep.equal([]);
  });

  it('remembers the last twenty failures, newest first', async () => {
    const at = Date.now();
    for (let status = 500; status < 525; status++)
      await store.providers.noteFailure('primary', { at, kind: 'server_error', status, replica: 'r1' });
    const failures = await other.providers.recentFailures('primary');
    expect(failures.map(({ status }) => status)).to.deep.equal(Array.from({ length: 20 }, (_, n) => 524 - n));
    await store.providers.noteFailure('backup', { at: at - 3_600_001, kind: 'slow', status: null, replica: 'r1' });
    expect(await other.providers.recentFailures('backup')).to.deep.equal([]);
  });
});

describe('what replicas tell each other about model providers, without Redis', () => {
  it('is refused as "not available", whatever is asked', async () => {
    const server = await startRedis();
    const store = createRedisStore({ url: server.url, prefix: 'test', log: recordedLog() });
    after(() => store.close());
    await store.connections.ready();
    await server.stop();
    const { providers } = store;
    const calls: Array<Promise<unknown>> = [
      providers.open('primary', { reason: 'slow', by: 'r1', openMs: 1 }),
      providers.read(['primary']),
      providers.force('backup'),
      providers.reopen('primary', { no: 1, holder: 'r1', reason: 'slow', by: 'r1', openMs: 1 }),
      providers.close('primary', { no: 1 }),
      providers.takeProbe('primary', { holder: 'r1', leaseMs: 1 }),
      providers.releaseProbe('primary', { no: 1, holder: 'r1' }),
      providers.recentFailures('primary'),
      providers.noteSwitched('ann'),
      providers.reportActive('r1', 1),
      providers.releaseRetry('t'),
      providers.reserveCall('primary', 60),
      providers.noteFailure('primary', { at: 0, kind: 'slow', status: null, replica: 'r1' }),
      providers.takeSwitched(1),
      providers.takeRetry({ replica: 'r1', activeCalls: 1, token: 't', leaseMs: 1 }),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome.status).to.equal('rejected');
      expect((outcome as PromiseRejectedResult).reason).to.be.instanceOf(RedisUnavailable);
    }
  });
});
