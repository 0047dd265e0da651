import { durationOf, type Profile } from '../profiles/profile.ts';

/**
 * When to look into the heaps: shares of the time in which all users are there. Three, the fewest that give a slope an error, because a replica stands
 * still meanwhile. Two come before the half in which memory is judged and one at its end: for a look V8 takes a hundred megabytes beside the heap and
 * gives them back late, which must not look like growth. What the program holds has come to rest by the first; what is compiled has not, and is left out.
 */
const SHARES = [0.3, 0.4, 0.98];

/** Seconds from the beginning of a run. */
export function looksInto(profile: Profile): number[] {
  const from = Math.max(...profile.waves.map(({ at, arriveOver }) => at + arriveOver));
  const to = Math.min(durationOf(profile), ...profile.waves.map(({ leaveAt }) => leaveAt));
  return SHARES.map((share) => from + share * (to - from));
}

/** Whether one of `times` has come since it was last asked; `now` in the same seconds, null: the run has not begun. */
export function dueOf(times: readonly number[], now: () => number | null): () => boolean {
  const coming = [...times];
  return () => {
    const at = now();
    const due = at !== null && at >= (coming[0] ?? Number.POSITIVE_INFINITY);
    while (due && at >= (coming[0] ?? Number.POSITIVE_INFINITY)) coming.shift();
    return due;
  };
}
