import type { HrTime } from '@opentelemetry/api';

/** How long the two clocks may run apart (ms). */
const SYNC_MS = 60_000;
let syncedAt = Number.NEGATIVE_INFINITY;
let offset = 0;

/** Unix ms with fractions: those of the monotonic clock, which the wall clock has none of. */
export function now(): number {
  const monotonic = performance.now();
  if (monotonic - syncedAt > SYNC_MS) {
    syncedAt = monotonic;
    offset = Date.now() - monotonic;
  }
  return offset + monotonic;
}

export function hrTime(ms: number): HrTime {
  const seconds = Math.trunc(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}
