import type { Evidence } from '../evidence/evidence.ts';
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

/**
 * By the record (from the grant of the slot to the end of the run) and by what the other side of the steps saw at once. A run that was executed
 * again may have lost its slot with the data of Redis and waited for another one, while the record keeps its first grant: it counts from its
 * first call.
 */
export function slotUse({ runs, effects }: Evidence) {
  const calls = groupBy(effects, ({ runId }) => runId);
  const held = runs.flatMap(({ id, attempt, grantedAt, finishedAt }) => {
    if (grantedAt === null || finishedAt === null) return [];
    const first = calls.get(id)?.[0]?.at ?? finishedAt;
    return [{ runId: id, from: attempt > 1 ? Math.min(first, finishedAt) : grantedAt, to: finishedAt }];
  });
  const called = effects.flatMap(({ runId, at, answeredAt }) =>
    answeredAt === null ? [] : [{ runId, from: at, to: answeredAt }],
  );
  return { recorded: mostAtOnce(held), witnessed: mostAtOnce(called) };
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
