import { CAPACITY_LEVELS } from '../../shared/workflow/capacity-level.ts';
import type { Point, Summary } from '../measure/summary.ts';
import type { Quantity } from '../measure/vitals.ts';

export interface Chart {
  title: string;
  unit: string;
  /** Limits to show as lines. */
  lines: Array<{ name: string; values: Array<number | null>; stepped?: boolean }>;
}

type View = NonNullable<Point['view']>;

/** The pictures of the report; all have the same time axis. */
export function chartsOf({ points }: Summary): Chart[] {
  const line = (name: string, of: (point: Point) => number | null) => ({ name, values: points.map(of) });
  const seen = (name: string, of: (view: View) => number | null) =>
    line(name, ({ view }) => (view === null ? null : of(view)));
  const replicas = [...new Set(points.flatMap(({ view }) => view?.replicas.map(({ id }) => id) ?? []))].sort();
  const perReplica = (of: (replica: View['replicas'][number]) => number) =>
    replicas.map((id) =>
      seen(id, (view) => {
        const replica = view.replicas.find((candidate) => candidate.id === id);
        return replica === undefined ? null : of(replica);
      }),
    );
  const parts = [...new Set(points.flatMap(({ vitals }) => vitals.map(({ part }) => part)))].sort();
  const weighed = (quantity: Quantity, unit: number) =>
    parts
      .map((part) =>
        line(part, ({ vitals }) => {
          const found = vitals.find((vital) => vital.part === part && vital.quantity === quantity);
          return found === undefined ? null : found.value / unit;
        }),
      )
      .filter(({ values }) => values.some((value) => value !== null));
  return [
    {
      title: 'Latency of requests',
      unit: 'ms',
      lines: [line('p50', ({ p50 }) => p50), line('p95', ({ p95 }) => p95), line('p99', ({ p99 }) => p99)],
    },
    {
      title: 'From POST to WORKFLOW_STARTING, and from event to its owner',
      unit: 'ms',
      lines: [
        line('start p50', ({ startP50 }) => startP50),
        line('start p95', ({ startP95 }) => startP95),
        line('event heard p95', ({ noticeP95 }) => noticeP95),
      ],
    },
    {
      title: 'Throughput',
      unit: 'per second',
      lines: [line('requests', (point) => point.requestsPerSecond), line('runs ended', (point) => point.runsPerSecond)],
    },
    {
      title: 'Users',
      unit: 'users',
      lines: [line('playing', ({ users }) => users), seen('counted by the cluster', (view) => view.activeUsers)],
    },
    {
      title: 'Queue and slots',
      unit: 'runs',
      lines: [seen('waiting', (view) => view.queueLength), seen('running', (view) => view.activeWorkflows)],
    },
    {
      title: `Level (${CAPACITY_LEVELS.map((level, rank) => `${rank} ${level}`).join(', ')})`,
      unit: 'level',
      lines: [
        {
          ...seen('level', (view) => (view.level === null ? null : CAPACITY_LEVELS.indexOf(view.level))),
          stepped: true,
        },
      ],
    },
    {
      title: 'Not answered as wished',
      unit: 'per second',
      lines: [
        line('failed', (point) => point.failedPerSecond),
        line('refused', (point) => point.refusedPerSecond),
        line('faults', (point) => point.faults),
      ],
    },
    { title: 'Sockets per replica', unit: 'sockets', lines: perReplica(({ sockets }) => sockets) },
    { title: 'Runs per replica', unit: 'runs', lines: perReplica(({ runs }) => runs) },
    { title: 'Memory', unit: 'MB', lines: weighed('memory', 1_000_000) },
    { title: 'Heap after a collection', unit: 'MB', lines: weighed('heap', 1_000_000) },
    { title: 'Memory beside the heap', unit: 'MB', lines: weighed('native', 1_000_000) },
    { title: 'Open handles', unit: 'handles', lines: weighed('handles', 1) },
    { title: 'Event loop delay per replica', unit: 'ms', lines: perReplica((replica) => replica.eventLoopDelayMs) },
  ].filter(({ lines }) => lines.length > 0);
}
