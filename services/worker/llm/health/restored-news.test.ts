import { expect } from 'chai';
import { createRedisStore, type RedisStore } from '../../../../redis/store.ts';
import { recordedLog } from '../../../../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { becomes, down, ProbedProvider, ProviderCluster } from '../../../../tests/support/worker/provider-cluster.ts';
import { RestoredNews } from './restored-news.ts';

describe('the news that the usual provider is back', () => {
  let redis: PrivateRedis;
  let store: RedisStore;

  beforeEach(async () => {
    redis = await startRedis();
    store = createRedisStore({ url: redis.url, prefix: 'test', log: recordedLog() });
    await store.connections.ready();
  });
  afterEach(async () => {
    await store.close();
    await redis.stop();
  });

  const switched = async (userId: string) => {
    await store.events.open(userId, 'epoch');
    await store.providers.noteSwitched(userId);
  };
  const heard = async (userId: string) => (await store.events.history(userId, 0)).map(({ type }) => type);

  it('waits until it is the one that answers, and is told once to each of many', async () => {
    const users = Array.from({ length: 450 }, (_, index) => `user-${index}`);
    await Promise.all(users.map(switched));
    let usual: string | null = null;
    const news = new RestoredNews({
      store: store.providers,
      events: store.events,
      usual: () => usual,
      log: recordedLog(),
    });
    news.owe();
    await news.settled();
    expect(await heard('user-0')).to.deep.equal([]);
    usual = 'primary';
    for (let look = 0; look < 3; look++) {
      news.tell();
      await news.settled();
    }
    for (const user of users) expect(await heard(user)).to.deep.equal(['PROVIDER_RESTORED']);
  });

  it('reaches those later who could not be told because Redis was away', async () => {
    const cluster = new ProviderCluster({ url: redis.url, prefix: 'test' }, new ProbedProvider('primary'));
    try {
      cluster.primary.answer = 'server_error';
      const board = await cluster.replica();
      await switched('ann');
      await down(board);
      await until(() => cluster.primary.probes >= 2, { timeoutMs: 5_000, what: 'two probes' });
      expect(await heard('ann')).to.deep.equal([]);
      await redis.stop();
      cluster.primary.answer = 'works';
      await becomes(board, 'closed', 8_000);
      await until(() => cluster.log.lines.some(({ message }) => message.includes('not told yet')), {
        timeoutMs: 5_000,
        what: 'the failed news',
      });
      await redis.start();
      await until(async () => (await heard('ann')).length > 0, { timeoutMs: 10_000, what: 'the news' });
      expect(await heard('ann')).to.deep.equal(['PROVIDER_RESTORED']);
    } finally {
      await cluster.close();
    }
  }).timeout(30_000);
});
