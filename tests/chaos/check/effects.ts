import type { Checkpoint, Effect, Evidence, FaultStory, StoredRun } from '../evidence/evidence.ts';
import { groupBy } from './group-by.ts';
import type { Violation } from './violation.ts';

/** A thawed process may get out what it was about to send when it froze, and a mended line what it held, for a run that is another's by now (ms). */
const AFTER_THAW_MS = 2_000;
const FROZEN_WORKER = /^(replica|leader)-frozen$/;
const HELD_CALLS = /^link-webhook-(lossy|cut)$/;

const stepOf = ({ runId, step }: { runId: string; step: string }) => `${runId} ${step}`;

/** Effects beyond the first of each step: work done again because its checkpoint was not there yet. */
export function repeatedEffects({ effects }: Evidence): number {
  return effects.length - new Set(effects.map(stepOf)).size;
}

export function checkEffects(evidence: Evidence): Violation[] {
  const violation = (about: string): Violation => ({ promise: 'effects', about });
  const { runs, checkpoints, effects, faults } = evidence;
  const stored = new Map(runs.map((run) => [run.id, run]));
  const committed = new Map(checkpoints.map((checkpoint) => [stepOf(checkpoint), checkpoint]));
  const arrived = new Map(effects.map((effect) => [effect.no, effect]));
  const violations: Violation[] = [];

  for (const [step, calls] of groupBy(effects, stepOf)) {
    const run = stored.get(calls[0]?.runId ?? '');
    if (run === undefined || run.startNo === null) {
      violations.push(
        violation(`${step} was executed, of a run that ${run === undefined ? 'does not exist' : 'never started'}`),
      );
      continue;
    }
    // Within one attempt a call is repeated only if nobody heard its answer: the step is in flight all the same.
    const unheard = calls.filter(({ answeredAt, answerLost }) => answeredAt === null || answerLost).length;
    if (calls.length > run.attempt + unheard)
      violations.push(violation(`${step} was executed ${calls.length} times in ${run.attempt} attempts`));
    const checkpoint = committed.get(step);
    if (checkpoint !== undefined) violations.push(...lateOnes(run, calls, checkpoint, faults).map(violation));
  }

  for (const checkpoint of checkpoints.filter(({ effect }) => effect !== null)) {
    const effect = arrived.get(checkpoint.effect ?? 0);
    if (effect === undefined || stepOf(effect) !== stepOf(checkpoint))
      violations.push(violation(`${stepOf(checkpoint)} keeps effect ${checkpoint.effect}, which was not its own`));
  }

  const counts = groupBy(checkpoints, ({ runId }) => runId);
  for (const { id, status, stepCount } of runs) {
    const mine = counts.get(id) ?? [];
    const indexes = new Set(mine.map(({ index }) => index));
    if (mine.length !== indexes.size) violations.push(violation(`run ${id} has two checkpoints of one step`));
    if (status === 'succeeded' && indexes.size !== stepCount)
      violations.push(violation(`run ${id} succeeded with ${indexes.size} checkpoints of ${stepCount} steps`));
  }
  return violations;
}

/** Executions that began after the step was committed. A thaw explains only those of a run that had been given to another worker. */
function lateOnes(
  { attempt }: StoredRun,
  calls: readonly Effect[],
  checkpoint: Checkpoint,
  faults: readonly FaultStory[],
): string[] {
  const isHeldBack = (at: number) =>
    faults.some(
      ({ kind, mendedAt }) =>
        (HELD_CALLS.test(kind) || (FROZEN_WORKER.test(kind) && attempt > 1)) &&
        at >= mendedAt &&
        at <= mendedAt + AFTER_THAW_MS,
    );
  return calls
    .filter(({ at }) => at > checkpoint.finishedAt && !isHeldBack(at))
    .map(
      ({ at, no }) =>
        `${stepOf(checkpoint)} was committed at ${checkpoint.finishedAt} and executed again at ${at} (effect ${no})`,
    );
}
