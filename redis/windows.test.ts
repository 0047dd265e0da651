import { expect } from 'chai';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { testRedis } from '../tests/support/redis.ts';
import { createRedisStore, type RedisStore } from './store.ts';
import type { Window } from './windows.ts';

describe('windows', () => {
  let store: RedisStore;
  let close: () => Promise<void>;

  before(async () => {
    const redis = await testRedis();
    store = createRedisStore({ ...redis, log: recordedLog() });
    close = redis.close;
  });
  after(async () => {
    await store.close();
    await close();
  });

  const window = (requests: number): Window => {
    return { requests, errors: 0, latency: [requests, 0], started: 0, finished: 0, failed: 0, sockets: 2 };
  };

  it('are those of each replica in one slot, the last said, and gone after a minute', async () => {
    await store.windows.publish(5_000, 'r1', window(1));
    await store.windows.publish(5_000, 'r2', window(2));
    await store.windows.publish(5_000, 'r1', window(3));
    await store.windows.publish(10_000, 'r1', window(4));
    const read = await store.windows.read(5_000);
    expect(read.sort((a, b) => a.requests - b.requests)).to.deep.equal([window(2), window(3)]);
    expect(await store.windows.read(15_000)).to.deep.equal([]);
    const keys = await store.connections.command.keys('*{windows}:5000');
    expect(await store.connections.command.pttl(keys[0] ?? '')).to.be.within(50_000, 60_000);
  });
});
