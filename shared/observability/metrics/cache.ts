import type { MetricBook } from './metric-book.ts';

type Cache = 'workflow' | 'run';
type Outcome = 'hit' | 'miss' | 'bypass';

/** From a look into memory to the point where Postgres would have answered as soon (s). */
const HIT_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1];

export function cacheMetrics(book: MetricBook) {
  const requests = book.counter('weir_cache_requests_total', {
    by: 'api',
    help: 'Reads of workflows and runs: from memory (hit), from Postgres (miss), from Postgres because nothing could be or is to be kept (bypass).',
    labels: ['cache', 'outcome'],
  });
  for (const cache of ['workflow', 'run'] as const)
    for (const outcome of ['hit', 'miss', 'bypass'] as const) requests.inc({ cache, outcome }, 0);
  return {
    requests,
    count: (cache: Cache, outcome: Outcome): void => requests.inc({ cache, outcome }),
    hitSeconds: book.histogram('weir_cache_hit_duration_seconds', {
      by: 'api',
      help: 'Time to find a run in memory, its mark in Redis included.',
      buckets: HIT_BUCKETS,
    }),
  };
}
