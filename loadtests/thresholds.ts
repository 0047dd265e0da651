import type { Growth } from './measure/growth.ts';
import type { Fault, Span } from './measure/sample.ts';
import type { Point, Summary } from './measure/summary.ts';

/** Bounds that decide the exit code of a load test. All of them stand here and nowhere else. Times in ms, shares from 0 to 1. */
export interface Thresholds {
  /** Of every HTTP request, without what was added for a region. */
  request: { p50: number; p95: number; p99: number };
  /** p99 of other spans. */
  spans: Partial<Record<Span, number>>;
  /** Requests that failed: 5xx, unreachable, an unexpected 4xx. */
  errors: number;
  /** Requests refused politely (429 or 503 with Retry-After). */
  refusals: number;
  /** How often each may happen; what is not named may happen as often as it likes. */
  faults: Partial<Record<Fault, number>>;
  /** Least share of its time that the crowd of the profile was there: who comes late makes another load, and what it shows is of that one. */
  crowd: number;
  /** Whether what a replica holds may not grow. What Redis holds is only told: streams of users fill up, to a bound of their own. */
  flat?: boolean;
}

/** The targets of the documents: p50 < 100 ms, p95 < 200 ms, p99 < 500 ms, errors < 0.1 %, nothing lost. */
export const TARGETS: Thresholds = {
  request: { p50: 100, p95: 200, p99: 500 },
  spans: {},
  errors: 0.001,
  refusals: 0.001,
  faults: { lost_run: 0, lost_event: 0, repeated_event: 0, out_of_order: 0, double_run: 0, user_failed: 0 },
  crowd: 0.95,
};

const NO_TIME_LIMIT = { p50: Number.POSITIVE_INFINITY, p95: Number.POSITIVE_INFINITY, p99: Number.POSITIVE_INFINITY };

/** What is different for a scenario. Beyond the breaking point slow and refused is what is looked for; lost is never right. */
const DIFFERENT: Record<string, Partial<Thresholds>> = {
  soak: { flat: true },
  stress: { request: NO_TIME_LIMIT, errors: 1, refusals: 1 },
  'reconnect-storm': { spans: { resume: 30_000 }, faults: { ...TARGETS.faults, not_resumed: 0 } },
  websocket: { spans: { pong: 300 } },
  chat: { spans: { message: 500 } },
};

export function thresholdsOf(scenario: string): Thresholds {
  return { ...TARGETS, ...DIFFERENT[scenario] };
}

export interface Verdict {
  name: string;
  limit: number;
  /** null: nothing was measured. */
  value: number | null;
  /** `least share`: the limit is the least there may be. */
  unit: 'ms' | 'share' | 'times' | 'least share';
  holds: boolean;
}

/** The verdict on whether the load was the one asked for. */
export const CROWD = 'users present';

/** One line per bound. A run that measured no request at all holds nothing. */
export function judge(
  summary: Pick<Summary, 'users' | 'request' | 'spans' | 'totals' | 'faults' | 'growth'>,
  limits: Thresholds,
): Verdict[] {
  const { users, request, totals } = summary;
  const below = (name: string, value: number | null, limit: number, unit: 'ms' | 'share'): Verdict => ({
    name,
    limit,
    value,
    unit,
    holds: value !== null && (value < limit || limit === Number.POSITIVE_INFINITY || limit === 1),
  });
  const share = (count: number) => (totals.requests === 0 ? null : count / totals.requests);
  return [
    {
      name: CROWD,
      limit: limits.crowd,
      value: users.presence,
      unit: 'least share',
      holds: users.presence >= limits.crowd,
    },
    ...(['p50', 'p95', 'p99'] as const)
      .filter((name) => limits.request[name] !== Number.POSITIVE_INFINITY)
      .map((name) => below(`requests ${name}`, request[name], limits.request[name], 'ms')),
    ...Object.entries(limits.spans).map(([span, limit]) =>
      below(`${span} p99`, summary.spans[span as Span].p99, limit, 'ms'),
    ),
    below('errors', share(totals.failed), limits.errors, 'share'),
    below('refusals', share(totals.refused), limits.refusals, 'share'),
    ...Object.entries(limits.faults).map(([fault, limit]): Verdict => {
      const value = summary.faults[fault as Fault];
      return { name: fault.replaceAll('_', ' '), limit, value, unit: 'times', holds: value <= limit };
    }),
    ...(limits.flat === true ? growthVerdicts(summary.growth) : []),
  ];
}

/**
 * One line for all quantities of a replica that grow or do not; none where the run was too short to say. Memory as a whole is told, not judged: V8
 * takes several times what it keeps before it collects. What is kept for good shows in the heap after a collection, or beside the heap.
 */
function growthVerdicts(growth: readonly Growth[]): Verdict[] {
  const judged = growth.filter(
    ({ part, quantity, verdict }) => part !== 'redis' && quantity !== 'memory' && verdict !== 'too short',
  );
  if (judged.length === 0) return [];
  const value = judged.filter(({ verdict }) => verdict === 'growing').length;
  return [{ name: 'growing', limit: 0, value, unit: 'times', holds: value === 0 }];
}

/** One slow second is not the end. */
const BROKEN_POINTS = 3;

/** Where the time line breaks: the first of three points in a row beyond the targets, how many users there were, and the share of all points that
 * are beyond them. null: it held. */
export function breakingPoint(
  points: readonly Point[],
  limits: Thresholds = TARGETS,
): { t: number; users: number; share: number } | null {
  const isSlow = (point: Point) =>
    (['p50', 'p95', 'p99'] as const).some((name) => (point[name] ?? 0) >= limits.request[name]);
  const hasFailed = ({ failedPerSecond, refusedPerSecond, requestsPerSecond }: Point) =>
    failedPerSecond + refusedPerSecond > limits.errors * requestsPerSecond;
  const isBroken = (point: Point) => isSlow(point) || hasFailed(point);
  const at = points.findIndex((_, n) => {
    const row = points.slice(n, n + BROKEN_POINTS);
    return row.length === BROKEN_POINTS && row.every(isBroken);
  });
  const point = points[at];
  const share = points.filter(isBroken).length / points.length;
  return point === undefined ? null : { t: point.t, users: point.users, share };
}
