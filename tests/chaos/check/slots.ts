import type { Evidence, FaultStory, StoredRun } from '../evidence/evidence.ts';
import { groupBy } from './group-by.ts';
import type { Violation } from './violation.ts';

interface Span {
  runId: string;
  from: number;
  to: number;
}

/** The most spans of different runs at one instant, and that instant. */
export function mostAtOnce(spans: readonly Span[]): { most: number; at: number } {
  const changes = spans.flatMap(({ runId, from, to }) => [
    { at: from, by: 1, runId },
    { at: to, by: -1, runId },
  ]);
  // An end and a beginning of the same instant are no overlap.
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  const open = new Map<string, number>();
  let most = 0;
  let when = 0;
  for (const { at, by, runId } of changes) {
    const count = (open.get(runId) ?? 0) + by;
    if (count > 0) open.set(runId, count);
    else open.delete(runId);
    if (open.size <= most) continue;
    most = open.size;
    when = at;
  }
  return { most, at: when };
}

/** Kinds of faults after which a run may wait for another slot, while the record keeps its first grant. */
const LOSS_OF_SLOTS = /^redis-(emptied|restarted-empty|truncated)$|^leader-killed-rebuild-/;

/**
 * By the record (from the grant of the slot to the end of the run) and by what the other side of the steps saw at once. A run that was executed
 * again counts from its first call where Redis lost its data before that: the slot of the record may have gone with it.
 */
export function slotUse({ runs, effects, faults }: Evidence) {
  const calls = groupBy(effects, ({ runId }) => runId);
  const losses = faults.filter(({ kind }) => LOSS_OF_SLOTS.test(kind));
  const held = runs.flatMap((run) => {
    const { id, grantedAt, finishedAt } = run;
    if (grantedAt === null || finishedAt === null) return [];
    const first = Math.min(calls.get(id)?.[0]?.at ?? finishedAt, finishedAt);
    return [{ runId: id, from: mayHaveLostItsSlot(run, first, losses) ? first : grantedAt, to: finishedAt }];
  });
  const called = effects.flatMap(({ runId, at, answeredAt }) =>
    answeredAt === null ? [] : [{ runId, from: at, to: answeredAt }],
  );
  return { recorded: mostAtOnce(held), witnessed: mostAtOnce(called) };
}

function mayHaveLostItsSlot({ attempt, grantedAt }: StoredRun, by: number, losses: readonly FaultStory[]): boolean {
  return attempt > 1 && losses.some(({ appliedAt, healedAt }) => healedAt >= (grantedAt ?? 0) && appliedAt <= by);
}

export function checkSlots(evidence: Evidence): Violation[] {
  const { recorded, witnessed } = slotUse(evidence);
  return Object.entries({ 'runs had a slot': recorded, 'runs called out': witnessed })
    .filter(([, { most }]) => most > evidence.slotLimit)
    .map(([what, { most, at }]) => ({
      promise: 'slots',
      about: `${most} ${what} at ${at}, the limit is ${evidence.slotLimit}`,
    }));
}
