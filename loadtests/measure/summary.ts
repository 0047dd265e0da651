import type { ClusterView } from './cluster-view.ts';
import type { Collector } from './collector.ts';
import { type Growth, growthOf } from './growth.ts';
import type { Percentiles } from './histogram.ts';
import type { Fault, Span } from './sample.ts';
import type { Vital } from './vitals.ts';

/** One point of the time line; rates are per second, times in ms. */
export interface Point {
  /** Seconds since the beginning. */
  t: number;
  users: number;
  requestsPerSecond: number;
  runsPerSecond: number;
  refusedPerSecond: number;
  failedPerSecond: number;
  faults: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  startP50: number | null;
  startP95: number | null;
  noticeP95: number | null;
  view: ClusterView | null;
  /** Empty: not read. */
  vitals: Vital[];
}

/** Everything a load test has found; report.json is this. */
export interface Summary {
  scenario: string;
  about: string;
  target: string;
  /** ISO. */
  startedAt: string;
  endedAt: string;
  timeScale: number;
  /** `presence`: share of the time that all of them together should be there; less: some came late. */
  users: { wanted: number; most: number; arrivals: number; presence: number };
  totals: { requests: number; ok: number; refused: number; failed: number; requestsPerSecond: number; runs: number };
  ends: Record<string, number>;
  request: Percentiles;
  spans: Record<Span, Percentiles>;
  faults: Record<Fault, number>;
  faultDetails: string[];
  /** What was not answered as wished, by route and status. */
  unwanted: Record<string, number>;
  routes: Array<{ route: string; failed: number; refused: number } & Percentiles>;
  regions: Array<{ region: string; served: Percentiles; seen: Percentiles }>;
  /** Of replicas and Redis; empty: not read. */
  growth: Growth[];
  points: Point[];
}

export type Occasion = Pick<Summary, 'scenario' | 'about' | 'target' | 'timeScale'> & {
  wantedUsers: number;
  presence: number;
  endedAt: number;
};

export function summarize(collector: Collector, occasion: Occasion): Summary {
  const { outcomes, ends } = collector;
  const requests = outcomes.ok + outcomes.refused + outcomes.failed;
  const points = pointsOf(collector);
  const seconds = Math.max(1, (occasion.endedAt - collector.beganAt) / 1_000);
  return {
    scenario: occasion.scenario,
    about: occasion.about,
    target: occasion.target,
    startedAt: new Date(collector.beganAt).toISOString(),
    endedAt: new Date(occasion.endedAt).toISOString(),
    timeScale: occasion.timeScale,
    users: {
      wanted: occasion.wantedUsers,
      most: collector.mostUsers,
      arrivals: collector.arrivals,
      presence: occasion.presence,
    },
    totals: {
      requests,
      ...outcomes,
      requestsPerSecond: requests / seconds,
      runs: Object.values(ends).reduce((sum, count) => sum + count, 0),
    },
    ends,
    request: collector.request.percentiles(),
    spans: mapped(collector.spans, (histogram) => histogram.percentiles()),
    faults: collector.faults,
    faultDetails: collector.faultDetails,
    unwanted: Object.fromEntries(collector.statuses),
    routes: [...collector.routes]
      .map(([route, { histogram, failed, refused }]) => ({ route, failed, refused, ...histogram.percentiles() }))
      .sort((a, b) => b.count - a.count),
    regions: [...collector.regions].map(([region, { served, seen }]) => ({
      region,
      served: served.percentiles(),
      seen: seen.percentiles(),
    })),
    growth: growthOf(points),
    points,
  };
}

function pointsOf({ buckets, bucketMs }: Collector): Point[] {
  const perSecond = (count: number) => (count * 1_000) / bucketMs;
  return buckets.map(({ request, start, notice, counts, users, view, vitals }, index) => ({
    t: (index * bucketMs) / 1_000,
    users,
    requestsPerSecond: perSecond(counts.ok + counts.refused + counts.failed),
    runsPerSecond: perSecond(counts.runs),
    refusedPerSecond: perSecond(counts.refused),
    failedPerSecond: perSecond(counts.failed),
    faults: counts.faults,
    p50: request.percentile(0.5),
    p95: request.percentile(0.95),
    p99: request.percentile(0.99),
    startP50: start.percentile(0.5),
    startP95: start.percentile(0.95),
    noticeP95: notice.percentile(0.95),
    view,
    vitals,
  }));
}

function mapped<Key extends string, From, To>(all: Record<Key, From>, change: (value: From) => To): Record<Key, To> {
  return Object.fromEntries(Object.entries<From>(all).map(([key, value]) => [key, change(value)])) as Record<Key, To>;
}
