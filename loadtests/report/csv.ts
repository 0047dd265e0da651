import type { Summary } from '../measure/summary.ts';

const COLUMNS = [
  't_seconds',
  'users',
  'requests_per_second',
  'runs_per_second',
  'refused_per_second',
  'failed_per_second',
  'p50_ms',
  'p95_ms',
  'p99_ms',
  'start_p50_ms',
  'start_p95_ms',
  'notice_p95_ms',
  'level',
  'queue_length',
  'active_workflows',
  'active_users',
];

/** The time line, one row a point; empty where nothing was measured. */
export function csvOf({ points }: Summary): string {
  const rows = points.map((point) => [
    point.t,
    point.users,
    point.requestsPerSecond,
    point.runsPerSecond,
    point.refusedPerSecond,
    point.failedPerSecond,
    point.p50,
    point.p95,
    point.p99,
    point.startP50,
    point.startP95,
    point.noticeP95,
    point.view?.level,
    point.view?.queueLength,
    point.view?.activeWorkflows,
    point.view?.activeUsers,
  ]);
  return `${[COLUMNS, ...rows].map((row) => row.map(cell).join(',')).join('\n')}\n`;
}

function cell(value: string | number | null | undefined): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : (value ?? '');
}
