import type { Window } from '../../redis/windows.ts';
import { LATENCY_BUCKETS } from '../../shared/observability/metrics/buckets.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';

/** Asked by machines all the time; they would make the percentiles of a quiet hour those of nothing. */
const UNCOUNTED_ROUTES: ReadonlySet<unknown> = new Set(['/health', '/ready', '/metrics']);

export interface WindowReaderDeps {
  metrics: Pick<Metrics, 'http' | 'runs'>;
  sockets(): number;
}

interface Totals extends Omit<Window, 'sockets'> {}

/** What this replica did since it was last asked, as differences of its own metrics: nothing is counted twice for it. */
export class WindowReader {
  private last: Totals | null = null;

  constructor(private readonly deps: WindowReaderDeps) {}

  /** Since the last call, or the start of the process. */
  async take(): Promise<Window> {
    const now = await this.totals();
    const { last } = this;
    this.last = now;
    const since = (total: number, before: number | undefined) => Math.max(0, total - (before ?? 0));
    return {
      requests: since(now.requests, last?.requests),
      errors: since(now.errors, last?.errors),
      latency: now.latency.map((count, index) => since(count, last?.latency[index])),
      started: since(now.started, last?.started),
      finished: since(now.finished, last?.finished),
      failed: since(now.failed, last?.failed),
      sockets: this.deps.sockets(),
    };
  }

  private async totals(): Promise<Totals> {
    const { http, runs } = this.deps.metrics;
    const [seconds, started, finished] = await Promise.all([
      http.seconds.get(),
      runs.started.get(),
      runs.finished.get(),
    ]);
    const totals: Totals = {
      requests: 0,
      errors: 0,
      latency: new Array<number>(LATENCY_BUCKETS.length + 1).fill(0),
      started: sum(started.values),
      finished: sum(finished.values),
      failed: sum(finished.values.filter(({ labels }) => labels.status === 'failed')),
    };
    // Buckets of Prometheus hold everything up to their bound; here each request is in one.
    const upTo = new Map<number, number>();
    for (const { metricName, labels, value } of seconds.values) {
      if (UNCOUNTED_ROUTES.has(labels.route)) continue;
      if (metricName?.endsWith('_count')) {
        totals.requests += value;
        if (Number(labels.status) >= 500) totals.errors += value;
      } else if (metricName?.endsWith('_bucket')) {
        const { le } = labels as { le?: number | string };
        const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
        upTo.set(bound, (upTo.get(bound) ?? 0) + value);
      }
    }
    let below = 0;
    for (const [index, bound] of [...LATENCY_BUCKETS, Number.POSITIVE_INFINITY].entries()) {
      const all = upTo.get(bound) ?? below;
      totals.latency[index] = all - below;
      below = all;
    }
    return totals;
  }
}

function sum(values: ReadonlyArray<{ value: number }>): number {
  return values.reduce((total, { value }) => total + value, 0);
}
