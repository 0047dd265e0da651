import { quantile } from '../figures.ts';
import { type Engine, inLanes } from './engine.ts';

/** Figures of one turn, by unit. */
export type Figures = Record<string, number>;

export interface Scenario {
  name: string;
  /** How long each job's work takes. */
  workMs: number;
  /** Which figure is compared, and whether more of it is better. */
  judged: string;
  better: 'more' | 'less';
  measure(engine: Engine): Promise<Figures>;
}

const IN_FLIGHT = 200;
const ACCEPT_MS = 3_000;
/** Starts a second with nothing else to do. */
const CALM_PER_SECOND = 50;
const CALM_STARTS = 200;
/** The limit of whole clusters that is to be held. */
const SLOTS = 10;
const SLOTS_FOR_ALL = 500;
const HANDOFFS = 300;
/** For jobs to end (ms). */
const PATIENCE_MS = 120_000;
const WHOLE_RUNS = 3_000;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'accept, nobody works',
    workMs: 0,
    judged: 'per s',
    better: 'more',
    measure: (engine) => acceptRate(engine),
  },
  {
    name: `start, ${CALM_PER_SECOND} per s`,
    workMs: 0,
    judged: 'p50 ms',
    better: 'less',
    async measure(engine) {
      await engine.work(SLOTS_FOR_ALL);
      await evenly(CALM_STARTS, CALM_PER_SECOND, engine.accept);
      await untilEnded(engine, CALM_STARTS);
      const ms = (await engine.times()).map(({ askedAt, startedAt }) => startedAt - askedAt);
      return { 'p50 ms': quantile(ms, 0.5), 'p99 ms': quantile(ms, 0.99) };
    },
  },
  {
    name: `hand-off, ${SLOTS} slots`,
    workMs: 20,
    judged: 'p99 ms',
    better: 'less',
    async measure(engine) {
      await engine.fill(HANDOFFS);
      await engine.work(SLOTS);
      await untilEnded(engine, HANDOFFS);
      const times = await engine.times();
      const ms = handoffs(times, SLOTS);
      return { 'p50 ms': quantile(ms, 0.5), 'p99 ms': quantile(ms, 0.99), 'at once': mostAtOnce(times) };
    },
  },
  {
    name: `whole runs, ${SLOTS_FOR_ALL} slots`,
    workMs: 0,
    judged: 'per s',
    better: 'more',
    async measure(engine) {
      await engine.work(SLOTS_FOR_ALL);
      const begun = performance.now();
      await inLanes(WHOLE_RUNS, IN_FLIGHT, engine.accept);
      await untilEnded(engine, WHOLE_RUNS);
      return { 'per s': WHOLE_RUNS / ((performance.now() - begun) / 1_000) };
    },
  },
];

/** What it costs to accept, and to start and end runs, while so many wait. */
export function withWaiting(waiting: number): Scenario {
  return {
    name: `${waiting} waiting`,
    workMs: 0,
    judged: 'runs per s',
    better: 'more',
    async measure(engine) {
      await engine.fill(waiting);
      const { 'per s': accepted = Number.NaN } = await acceptRate(engine);
      const wanted = Math.min(waiting, WHOLE_RUNS);
      const begun = performance.now();
      await engine.work(SLOTS);
      const ended = await endedOf(engine, wanted);
      return { 'accepts per s': accepted, 'runs per s': ended / ((performance.now() - begun) / 1_000) };
    },
  };
}

async function acceptRate(engine: Engine): Promise<Figures> {
  const begun = performance.now();
  let count = 0;
  const lane = async () => {
    while (performance.now() < begun + ACCEPT_MS) {
      await engine.accept();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return { 'per s': count / ((performance.now() - begun) / 1_000) };
}

/** How long each slot was empty (ms): the n-th start waits for the end of that which was `slots` before it. */
export function handoffs(times: ReadonlyArray<{ startedAt: number; endedAt: number }>, slots: number): number[] {
  const starts = times.map(({ startedAt }) => startedAt).sort((a, b) => a - b);
  const ends = times.map(({ endedAt }) => endedAt).sort((a, b) => a - b);
  return starts.slice(slots).map((start, index) => start - (ends[index] ?? Number.NaN));
}

/** Jobs that were worked on at the same moment, at most. */
export function mostAtOnce(times: ReadonlyArray<{ startedAt: number; endedAt: number }>): number {
  const moments = times
    .flatMap(({ startedAt, endedAt }) => [[startedAt, 1] as const, [endedAt, -1] as const])
    // At the same millisecond an end comes first: what is counted too high is no news.
    .sort(([a, up], [b, other]) => a - b || up - other);
  let now = 0;
  let most = 0;
  for (const [, change] of moments) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

async function evenly(count: number, perSecond: number, once: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  const all: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) {
    await pause(begun + (n * 1_000) / perSecond - performance.now());
    all.push(once());
  }
  await Promise.all(all);
}

async function untilEnded(engine: Engine, count: number): Promise<void> {
  const ended = await endedOf(engine, count);
  if (ended < count) throw new Error(`${ended} of ${count} ended in ${PATIENCE_MS} ms`);
}

/** How many have ended when all have, or after {@link PATIENCE_MS}. */
async function endedOf(engine: Engine, count: number): Promise<number> {
  for (const giveUpAt = performance.now() + PATIENCE_MS; ; await pause(20)) {
    const ended = await engine.ended();
    if (ended >= count || performance.now() > giveUpAt) return ended;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
