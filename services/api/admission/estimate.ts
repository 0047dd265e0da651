import type { EstimateCurve } from '../../../redis/results.ts';
import { spread } from '../../../shared/resilience/backoff.ts';

/**
 * Seconds a run at `position` (from 1) will wait according to the leader's curve; null: not known yet. Beyond the end of
 * the curve its last entry is the best that is known: at least that long.
 */
export function waitAt(curve: EstimateCurve | null, position: number): number | null {
  if (curve === null || curve.seconds.length === 0) return null;
  return curve.seconds[Math.min(position, curve.seconds.length) - 1] ?? null;
}

/** When nothing has finished yet nobody knows; long enough to calm a loop, short enough for a person (s). */
const UNKNOWN_WAIT_SECONDS = 5;
/** A place comes free at the latest when the oldest wait times out, so nobody is sent away for longer (s). */
const LONGEST_RETRY_SECONDS = 300;
/** Share by which the times told to refused clients differ, so that they do not come back together. */
const JITTER = 0.2;

/** Whole seconds for `Retry-After`: `waitSeconds` (null: unknown) ± 20 %, at least 1. */
export function retryAfterSeconds(waitSeconds: number | null, random: () => number = Math.random): number {
  const wait = Math.min(waitSeconds ?? UNKNOWN_WAIT_SECONDS, LONGEST_RETRY_SECONDS);
  return Math.max(1, Math.round(spread(wait, JITTER, random)));
}
