import { expect } from 'chai';
import { createRedisStore, type RedisStore } from '../../../../redis/store.ts';
import { recordedLog } from '../../../../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { RetryBudget } from './retry-budget.ts';

const LEASE_MS = 60_000;

describe('the retry budget of a replica', () => {
  let redis: PrivateRedis;
  let store: RedisStore;
  let one: RetryBudget;
  let two: RetryBudget;
  const never = new AbortController().signal;

  beforeEach(async () => {
    redis = await startRedis({ durable: false });
    store = createRedisStore({ url: redis.url, prefix: 'test', log: recordedLog() });
    await store.connections.ready();
    one = new RetryBudget({ replica: 'one', store: store.providers });
    two = new RetryBudget({ replica: 'two', store: store.providers });
  });
  afterEach(async () => {
    await store.close();
    await redis.stop();
  });

  const granted = async (budget: RetryBudget, times: number) => {
    const places = [];
    for (let time = 0; time < times; time++) places.push(await budget.take(LEASE_MS, never));
    return places.filter((place) => place !== null);
  };

  it('is shared with the other replicas, and a place given back is free for all', async () => {
    const places = await granted(one, 2);
    expect(await granted(two, 3)).to.have.length(1);
    places[0]?.();
    await until(async () => (await granted(two, 1)).length === 1, { timeoutMs: 5_000, what: 'the free place' });
  });

  it('grows with the calls that all replicas have under way', async () => {
    const ends = Array.from({ length: 30 }, () => one.begin());
    expect(await granted(one, 8)).to.have.length(6);
    for (const end of ends) end();
  });

  it('is the same rule for this replica’s own calls while Redis is away', async () => {
    await redis.stop();
    const places = await granted(one, 4);
    expect(places).to.have.length(3);
    places[0]?.();
    expect(await granted(one, 2)).to.have.length(1);
    await redis.start();
  }).timeout(20_000);

  it('is not waited for longer than the caller has time', async () => {
    const given = new AbortController();
    given.abort('too late');
    expect(await one.take(LEASE_MS, given.signal).catch((error: unknown) => error)).to.equal('too late');
    await until(async () => (await granted(two, 3)).length === 3, {
      timeoutMs: 5_000,
      what: 'places that nobody holds',
    });
  });
});
