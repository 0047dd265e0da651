import type { CapacityAnswer, Limits } from '../../../shared/protocol/http.ts';
import { ago, latency } from '../../../shared/wording/duration.ts';
import { gauge } from './gauge.ts';
import { printableLine } from './printable.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

/** Limits, use and replicas, for administrators. */
export function renderCapacity(capacity: CapacityAnswer, style: Style, now: number): string[] {
  const { limits } = capacity;
  const since =
    capacity.level_since === null ? '' : style.dim(` (since ${ago(capacity.level_since, now).replace(' ago', '')})`);
  const leader =
    capacity.leader === null
      ? style.yellow('none right now')
      : `${printableLine(capacity.leader.replica)} ${style.dim(`epoch ${capacity.leader.epoch}`)}`;
  const facts = [
    ['level', `${levelWord(capacity.level, style)}${since}`],
    [
      'users',
      `${gauge(capacity.active_users, limits.max_users, style)} ${capacity.active_users} of ${limits.max_users}`,
    ],
    [
      'workflows',
      `${gauge(capacity.active_workflows, limits.max_workflows, style)} ${capacity.active_workflows} of ${limits.max_workflows}${capacity.ready_workflows > 0 ? `, ${capacity.ready_workflows} of them not yet in a worker's hands` : ''}`,
    ],
    [
      'queue',
      `${gauge(capacity.queue_length, limits.queue_max, style)} ${capacity.queue_length} of ${limits.queue_max}`,
    ],
    ['leader', leader],
  ];
  return [...renderTable(facts), '', ...renderLimits(limits, style), ...renderReplicas(capacity, style)];
}

/** `before → after` for each limit that changed; one sentence if none did. */
export function renderLimitChanges(before: Limits, after: Limits, style: Style): string[] {
  const names = (Object.keys(after) as (keyof Limits)[]).filter((name) => before[name] !== after[name]);
  if (names.length === 0) return ['Nothing changed: the limits had these values already.'];
  return renderTable(
    names.map((name) => [`${style.green('✓')} ${name}`, String(before[name]), '→', style.bold(String(after[name]))]),
    [1, 3],
  );
}

function renderLimits(limits: Limits, style: Style): string[] {
  const rows = (Object.keys(limits) as (keyof Limits)[]).map((name) => [
    `  ${name}`,
    String(limits[name]),
    style.dim(MEANING[name]),
  ]);
  return [style.dim('limits'), ...renderTable(rows, [1])];
}

/** What a limit does, in a few words. */
const MEANING: Record<keyof Limits, string> = {
  max_users: 'connected users at 100 %',
  max_workflows: 'runs that execute at once',
  hard_limit_users: 'beyond it new connections are refused; 0: twice max_users',
  queue_max: 'waiting runs in all',
  queue_max_per_user: 'waiting runs of one user',
  queue_timeout_seconds: 'longest wait',
  drain_per_second: 'starts a second from the queue while demand is high',
};

function renderReplicas(capacity: CapacityAnswer, style: Style): string[] {
  if (capacity.replicas.length === 0) return ['', style.yellow('No replica has reported yet.')];
  const header = ['REPLICA', 'VERSION', 'ROLES', 'SOCKETS', 'RUNS', 'LOOP DELAY', 'REDIS'].map((cell) =>
    style.dim(cell),
  );
  const byName = capacity.replicas.toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  const rows = byName.map((replica) => [
    printableLine(replica.id),
    printableLine(replica.version),
    replica.roles.map((role) => printableLine(role)).join(' '),
    String(replica.sockets),
    String(replica.runs),
    latency(replica.event_loop_delay_ms),
    latency(replica.redis_latency_ms),
  ]);
  return ['', ...renderTable([header, ...rows], [3, 4, 5, 6])];
}

function levelWord(level: CapacityAnswer['level'], style: Style): string {
  if (level === 'normal') return style.green(level);
  return level === 'saturated' ? style.red(level) : style.yellow(level);
}
