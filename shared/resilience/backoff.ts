/**
 * "Full jitter" exponential back-off: a uniform draw from 0 to min(cap, base × 2^attempt) milliseconds.
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015). `attempt` counts from 0.
 */
export function fullJitter(attempt: number, baseMs: number, capMs: number, random: () => number = Math.random): number {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
}

/** `value` moved by up to ±`share` of itself, so that many clients told the same time do not come back together. */
export function spread(value: number, share: number, random: () => number = Math.random): number {
  return value * (1 + share * (2 * random() - 1));
}
