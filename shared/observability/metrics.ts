import { cacheMetrics } from './metrics/cache.ts';
import { capacityMetrics } from './metrics/capacity.ts';
import { chatMetrics } from './metrics/chat.ts';
import { admissionMetrics, httpMetrics } from './metrics/door.ts';
import { llmMetrics } from './metrics/llm.ts';
import { MetricBook } from './metrics/metric-book.ts';
import { processMetrics } from './metrics/process.ts';
import { realtimeMetrics } from './metrics/realtime.ts';
import { RunMetrics } from './metrics/runs.ts';
import { postgresMetrics, redisMetrics } from './metrics/stores.ts';

/**
 * Every metric of a replica, by subject; the registry behind them answers `/metrics`. Names: `weir_<subject>_<what>_<unit>`.
 * All of them: docs/operations/metrics.md.
 */
export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const book = new MetricBook();
  return {
    registry: book.registry,
    /** What there is, for docs/operations/metrics.md. */
    declared: book.declared,
    process: processMetrics(book),
    capacity: capacityMetrics(book),
    admission: admissionMetrics(book),
    runs: new RunMetrics(book),
    realtime: realtimeMetrics(book),
    http: httpMetrics(book),
    chat: chatMetrics(book),
    postgres: postgresMetrics(book),
    redis: redisMetrics(book),
    cache: cacheMetrics(book),
    llm: llmMetrics(book),
  };
}
