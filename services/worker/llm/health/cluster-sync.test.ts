import { expect } from 'chai';
import { createRedisStore } from '../../../../redis/store.ts';
import { createMetrics } from '../../../../shared/observability/metrics.ts';
import { recordedLog } from '../../../../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import {
  becomes,
  down,
  ProbedProvider,
  ProviderCluster,
  primaryOf,
} from '../../../../tests/support/worker/provider-cluster.ts';
import { ClusterProviderBoard } from './cluster-provider-board.ts';

describe('what replicas tell each other about model providers', () => {
  let redis: PrivateRedis;
  let cluster: ProviderCluster;

  beforeEach(async () => {
    redis = await startRedis();
    cluster = new ProviderCluster({ url: redis.url, prefix: 'test' }, new ProbedProvider('primary'));
  });
  afterEach(async () => {
    await cluster.close();
    await redis.stop();
  });

  const openings = async () => (await cluster.store().providers.read(['primary'])).openings.size;

  it('opens, probes and closes alone', async () => {
    const board = await cluster.replica();
    await redis.stop();
    await down(board);
    expect(board.active).to.equal('backup');
    await becomes(board, 'closed', 8_000);
    expect(cluster.primary.probes).to.equal(1);
    await redis.start();
  }).timeout(20_000);

  it('is told when Redis is back, if it could not be told before', async () => {
    cluster.primary.answer = 'server_error';
    const [alone, other] = [await cluster.replica(), await cluster.replica(false)];
    await redis.stop();
    await down(alone);
    await until(() => cluster.log.lines.some(({ message }) => message.includes('not shared')), {
      timeoutMs: 5_000,
      what: 'the failed message',
    });
    await redis.start();
    await until(() => other.active === 'backup', { timeoutMs: 10_000, what: 'the news on the other replica' });
  }).timeout(20_000);

  it('ends for the cluster what one has found to work while Redis was away', async () => {
    cluster.primary.answer = 'server_error';
    const board = await cluster.replica();
    await down(board);
    await until(async () => (await openings()) === 1, { timeoutMs: 5_000, what: 'the shared opening' });
    await redis.stop();
    cluster.primary.answer = 'works';
    await becomes(board, 'closed', 8_000);
    await redis.start();
    await until(async () => (await openings()) === 0, { timeoutMs: 10_000, what: 'the end of the shared opening' });
    expect(primaryOf(board).state).to.equal('closed');
    expect(cluster.log.lines.filter(({ message }) => message === 'model provider closed')).to.have.length(1);
  }).timeout(20_000);

  it('does not undo what a replica has found out since it asked', async () => {
    const store = createRedisStore({ url: redis.url, prefix: 'test', log: recordedLog() });
    const { providers } = store;
    let hold = false;
    let held = false;
    let asked = 0;
    let answer = () => {};
    // The reply is on its way while calls of users fail.
    const read: typeof providers.read = async (names) => {
      const states = await providers.read(names);
      if (hold) {
        hold = false;
        held = true;
        await new Promise<void>((resolve) => (answer = resolve));
      } else asked += 1;
      return states;
    };
    const board = new ClusterProviderBoard({
      replica: 'r1',
      providers: [{ role: 'primary', provider: cluster.primary }],
      store: new Proxy(providers, {
        get: (target, name) => (name === 'read' ? read : Reflect.get(target, name).bind(target)),
      }),
      channels: store.channels,
      events: store.events,
      openMs: 60_000,
      probeTimeoutMs: 100,
      probes: false,
      metrics: createMetrics().llm,
      log: recordedLog(),
    });
    try {
      await board.start();
      hold = true;
      await providers.force(null);
      await until(() => held, { timeoutMs: 5_000, what: 'a look under way' });
      await down(board);
      const shared = async () => (await providers.read(['primary'])).openings.size === 1;
      await until(shared, { timeoutMs: 5_000, what: 'the shared opening' });
      const seen: string[] = [];
      board.onChange(() => seen.push(primaryOf(board).state));
      const before = asked;
      answer();
      await until(() => asked > before, { timeoutMs: 5_000, what: 'the next look' });
      expect(seen).to.not.include('closed');
      expect(primaryOf(board).state).to.equal('open');
    } finally {
      answer();
      await board.stop();
      await store.close();
    }
  });
});
