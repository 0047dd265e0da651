import fc from 'fast-check';
import type { ClockedStore } from '../../clocked-store.ts';
import type { AdmitEntry, RunningEntry } from '../../results.ts';
import { type Deed, leader, type Stage, step, type WeightedStep } from './step.ts';

type EpochOf = (stage: Stage) => number;
interface Plan {
  /** Who begins, loads, finishes. */
  leaders: [begins: EpochOf, loads: EpochOf, finishes: EpochOf];
  reversed: boolean;
  twice: boolean;
}
/** A rebuild as a whole. Mostly one leader does it, without mishap. */
export const plan: fc.Arbitrary<Plan> = fc.record({
  leaders: fc.oneof(
    { weight: 3, arbitrary: leader.map((one): Plan['leaders'] => [one, one, one]) },
    { weight: 1, arbitrary: fc.tuple(leader, leader, leader) },
  ),
  reversed: fc.boolean(),
  twice: fc.boolean(),
});

/** Rebuilds, whole and step by step: in any order, half done, of two leaders at once, over the state that stands. */
export const rebuildSteps: WeightedStep[] = [
  {
    weight: 10,
    arbitrary: fc.record({ plan, needless: fc.constantFrom(false, false, true) }).map(({ plan: planned, needless }) =>
      step(
        (stage, store, see) => rebuild(stage, store, planned, see),
        ({ capacity }) => needless || capacity.generation === null,
      ),
    ),
  },
  { weight: 1, arbitrary: leader.map((epochOf) => step((stage, store) => begin(stage, store, epochOf(stage)))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(leader, fc.boolean())
      .map(([epochOf, reversed]) =>
        step((stage, store) => load(stage, store, { epoch: epochOf(stage), ...fromPostgres(stage, reversed) })),
      ),
  },
  { weight: 1, arbitrary: leader.map((epochOf) => step((stage, store) => finish(stage, store, epochOf(stage)))) },
];

export async function rebuild(
  stage: Stage,
  store: ClockedStore,
  plan: Plan,
  see: (deed: Deed) => Promise<void>,
): Promise<Deed> {
  const { running, queued } = fromPostgres(stage, plan.reversed);
  const [begins, loads, finishes] = plan.leaders;
  await see(await begin(stage, store, begins(stage)));
  await see(await load(stage, store, { epoch: loads(stage), running, queued: [] }));
  if (plan.twice) await see(await load(stage, store, { epoch: loads(stage), running, queued }));
  await see(await load(stage, store, { epoch: loads(stage), running: [], queued }));
  return finish(stage, store, finishes(stage));
}

async function begin({ capacity }: Stage, store: ClockedStore, epoch: number): Promise<Deed> {
  return {
    story: `leader ${epoch} begins a rebuild`,
    epoch,
    expected: capacity.begin(epoch),
    answer: await store.rebuild.begin(epoch),
  };
}

async function load(
  { capacity }: Stage,
  store: ClockedStore,
  { epoch, ...runs }: { epoch: number; running: RunningEntry[]; queued: AdmitEntry[] },
): Promise<Deed> {
  return {
    story: `leader ${epoch} loads ${loaded(runs)}`,
    epoch,
    expected: capacity.load(epoch, runs),
    answer: await store.rebuild.load(epoch, runs),
  };
}

async function finish({ capacity, book, limits }: Stage, store: ClockedStore, epoch: number): Promise<Deed> {
  const finished = { generation: book.nextGeneration(), maxGrantNo: book.greatestGrant, limits };
  return {
    story: `leader ${epoch} finishes the rebuild`,
    epoch,
    expected: capacity.finish(epoch, finished),
    answer: await store.rebuild.finish(epoch, finished),
  };
}

function loaded({ running, queued }: { running: readonly RunningEntry[]; queued: readonly AdmitEntry[] }): string {
  const runs = [
    ...running.map(({ runId, attempt }) => `${runId} running as attempt ${attempt}`),
    ...queued.map(({ runId, attemptFloor }) => `${runId} waiting with floor ${attemptFloor}`),
  ];
  return runs.join(', ') || 'nothing';
}

function fromPostgres({ book, limits, capacity }: Stage, reversed: boolean) {
  // What waits in Postgres knows until when.
  const lastsUntil = capacity.now + limits.queue_timeout_seconds * 1_000;
  const queued = book.queued.map((entry) => ({ ...entry, expiresAt: entry.expiresAt || lastsUntil }));
  const { running } = book;
  return reversed ? { running: running.reverse(), queued: queued.reverse() } : { running, queued };
}
