/** Waits before reconnecting (ms); the last one repeats. */
const STEPS_MS: readonly number[] = [0, 2_000, 10_000, 30_000];
/** Every wait is moved by up to this share of itself … */
const JITTER_SHARE = 0.2;
/** … and lengthened by up to this (ms): a dead replica's sockets all come at once, and a share of 0 spreads nothing. */
const JITTER_FLOOR_MS = 250;

/** Milliseconds before reconnect number `attempt` (from 0). */
export function reconnectDelay(attempt: number, random: () => number = Math.random): number {
  const step = STEPS_MS[Math.min(attempt, STEPS_MS.length - 1)] ?? 0;
  return step * (1 + JITTER_SHARE * (2 * random() - 1)) + JITTER_FLOOR_MS * random();
}
