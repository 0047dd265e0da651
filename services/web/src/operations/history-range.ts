import type { HistoryAnswer } from '../../../../shared/protocol/http-history.ts';

/** A stretch of the past: one that ends now and moves on with time, or one between two moments. */
export type HistoryRange = { kind: 'last'; ms: number } | { kind: 'between'; from: Date; to: Date };

/** Samples are 5 s apart, so nothing is newer before. */
const SOONEST_MS = 5_000;
/** What is watched should not seem to stand still, however far apart its points are. */
const LATEST_MS = 60_000;

export function boundsOf(range: HistoryRange, now: number): { from: Date; to: Date } {
  return range.kind === 'between' ? range : { from: new Date(now - range.ms), to: new Date(now) };
}

/** Ms from one reading to the next: as long as a point of the last answer lasts; short while there is none. undefined: it stays as it is. */
export function renewalMs(range: HistoryRange, last: HistoryAnswer | undefined): number | undefined {
  if (range.kind === 'between') return undefined;
  if (last === undefined || last.points.length === 0) return SOONEST_MS;
  return Math.min(Math.max(last.step_seconds * 1_000, SOONEST_MS), LATEST_MS);
}
