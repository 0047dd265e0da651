import { expect } from 'chai';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../tests/support/redis.ts';
import { until } from '../tests/support/until.ts';
import { createRedisStore, type RedisStore } from './store.ts';

/** Servers of its own: they are killed. */
describe('leader lock', () => {
  let servers: PrivateRedis[];
  const stores: RedisStore[] = [];

  before(async () => {
    servers = await Promise.all([1, 2, 3].map(() => startRedis({ durable: false })));
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    for (const server of servers) await server.command('FLUSHALL');
  });
  after(() => Promise.all(servers.map((server) => server.stop())));

  async function candidate(redlockUrls: string[] = []): Promise<RedisStore> {
    const store = createRedisStore({ url: servers[0]?.url ?? '', redlockUrls, prefix: 'test', log: recordedLog() });
    stores.push(store);
    await store.connections.ready();
    return store;
  }
  const key = 'test:{cap}:leader-lock';

  it('one candidate has it; it is trusted for less long than it lasts', async () => {
    const [a, b] = [await candidate(), await candidate()];
    const start = performance.now();
    expect([await a.lock.tryAcquire(), await b.lock.tryAcquire()]).to.deep.equal([true, false]);
    expect(a.lock.trustedUntil).to.be.within(start + 4_500, performance.now() + 4_500);
    expect(b.lock.trustedUntil).to.be.lessThan(performance.now());
    expect(await a.connections.command.pttl(key)).to.be.greaterThan(a.lock.trustedUntil - performance.now());
  });

  it('can be extended any number of times, each from before the try', async () => {
    const a = await candidate();
    await a.lock.tryAcquire();
    let { trustedUntil } = a.lock;
    for (let round = 0; round < 3; round++) {
      expect(await a.lock.extend()).to.equal(true);
      expect(a.lock.trustedUntil).to.be.greaterThan(trustedUntil);
      ({ trustedUntil } = a.lock);
    }
  });

  it('an extension by who lost it fails without harm to who has it, and leaves the old trust as it was', async () => {
    const [a, b] = [await candidate(), await candidate()];
    await a.lock.tryAcquire();
    const { trustedUntil } = a.lock;
    await a.connections.command.del(key);
    expect(await b.lock.tryAcquire()).to.equal(true);
    expect(await a.lock.extend()).to.equal(false);
    expect(a.lock.trustedUntil).to.equal(trustedUntil);
    await a.lock.release();
    expect(await b.lock.extend()).to.equal(true);
  });

  it('once released the next candidate has it at once; releasing and extending nothing is no fault', async () => {
    const [a, b] = [await candidate(), await candidate()];
    await a.lock.release();
    expect(await a.lock.extend()).to.equal(false);
    await a.lock.tryAcquire();
    await a.lock.release();
    expect(a.lock.trustedUntil).to.be.lessThan(performance.now());
    expect(await b.lock.tryAcquire()).to.equal(true);
  });

  it('over three nodes it survives the loss of one, and is refused with one left', async () => {
    const urls = servers.map((server) => server.url);
    const [a, b] = [await candidate(urls), await candidate(urls)];
    await until(() => a.lock.tryAcquire(), { timeoutMs: 5_000, what: 'all nodes to be connected' });
    await servers[2]?.kill();
    expect(await a.lock.extend()).to.equal(true);
    expect(await b.lock.tryAcquire()).to.equal(false);
    await servers[1]?.kill();
    const start = performance.now();
    expect(await a.lock.extend()).to.equal(false);
    await a.lock.release();
    expect(await b.lock.tryAcquire()).to.equal(false);
    expect(performance.now() - start).to.be.lessThan(5_000);
    await Promise.all([servers[1]?.start(), servers[2]?.start()]);
  });
});
