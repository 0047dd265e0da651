import type { Summary } from '../measure/summary.ts';

/** One figure beside that of the run before. */
export interface Difference {
  name: string;
  unit: 'ms' | 'per s' | 'share';
  now: number | null;
  before: number | null;
  /** now / before; null where one is missing or nothing. */
  ratio: number | null;
}

/** Only runs of the same shape can be held beside each other. */
export function areComparable(now: Summary, before: Summary): boolean {
  return (
    now.scenario === before.scenario &&
    now.timeScale === before.timeScale &&
    now.users.wanted === before.users.wanted &&
    now.target === before.target
  );
}

export function compare(now: Summary, before: Summary): Difference[] {
  const line = (name: string, unit: Difference['unit'], of: (summary: Summary) => number | null): Difference => {
    const [a, b] = [of(now), of(before)];
    return { name, unit, now: a, before: b, ratio: a === null || b === null || b === 0 ? null : a / b };
  };
  return [
    line('requests', 'per s', ({ totals }) => totals.requestsPerSecond),
    line('requests p50', 'ms', ({ request }) => request.p50),
    line('requests p95', 'ms', ({ request }) => request.p95),
    line('requests p99', 'ms', ({ request }) => request.p99),
    line('start p95', 'ms', ({ spans }) => spans.start.p95),
    line('notice p95', 'ms', ({ spans }) => spans.notice.p95),
    line('resume p95', 'ms', ({ spans }) => spans.resume.p95),
    line('errors', 'share', ({ totals }) => (totals.requests === 0 ? null : totals.failed / totals.requests)),
  ];
}
