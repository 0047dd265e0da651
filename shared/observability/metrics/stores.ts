import { LATENCY_BUCKETS } from './buckets.ts';
import type { MetricBook } from './metric-book.ts';

type PoolCounts = Record<'total' | 'idle' | 'waiting', number>;

export function postgresMetrics(book: MetricBook) {
  let countsNow: (() => PoolCounts) | undefined;
  const pool = book.gauge('weir_postgres_pool_connections', {
    by: 'replica',
    help: 'Connections by state (total, idle, waiting).',
    labels: ['state'],
    collect: () => {
      for (const [state, count] of Object.entries(countsNow?.() ?? {})) pool.set({ state }, count);
    },
  });
  return {
    pool,
    /** A pool in which nothing moves tells nobody how many wait: it is asked whenever the metrics are read. */
    watchPool(counts: () => PoolCounts): void {
      countsNow = counts;
    },
    poolLimit: book.gauge('weir_postgres_pool_limit', {
      by: 'replica',
      help: 'Connections the pool of this replica may have.',
    }),
    seconds: book.histogram('weir_postgres_batch_duration_seconds', {
      by: 'replica',
      help: 'Batched statements by kind.',
      labels: ['kind'],
      buckets: LATENCY_BUCKETS,
    }),
    breaker: book.gauge('weir_postgres_breaker_open', {
      by: 'replica',
      help: '1 while the breaker in front of Postgres is open.',
    }),
  };
}

export function redisMetrics(book: MetricBook) {
  return {
    latency: book.gauge('weir_redis_latency_seconds', { by: 'replica', help: 'Last round trip of the heartbeat.' }),
    up: book.gauge('weir_redis_up', { by: 'replica', help: '1 while the command connection is ready.' }),
  };
}
