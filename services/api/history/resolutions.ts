const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Resolutions (s) of stored samples, and how long (s) each is kept. Each is a multiple of the one before it, out of which it is made. */
export const RESOLUTIONS = [
  { seconds: 5, keptFor: DAY },
  { seconds: MINUTE, keptFor: 14 * DAY },
  { seconds: 5 * MINUTE, keptFor: 90 * DAY },
  { seconds: HOUR, keptFor: 730 * DAY },
] as const;

/** Steps (s) that people like to read, with the resolution that makes each of few enough rows (at most six a step). */
const STEPS = [
  [5, 5],
  [10, 5],
  [20, 5],
  [60, 60],
  [120, 60],
  [300, 300],
  [600, 300],
  [1_800, 300],
  [HOUR, HOUR],
  [2 * HOUR, HOUR],
  [6 * HOUR, HOUR],
  [DAY, HOUR],
  // 730 days in 1,000 steps.
] as const;

export interface Step {
  seconds: number;
  resolution: number;
}

/** The shortest step of at least `wanted` seconds that keeps within `maxPoints`, of samples that still exist as far back as `from`. All times Unix ms. */
export function chooseStep(
  { from, to, wanted = 0, now }: { from: number; to: number; wanted?: number | undefined; now: number },
  maxPoints: number,
): Step {
  // One more point than whole steps fit, as the range need not begin with a step.
  const least = Math.max(wanted, (to - from) / 1_000 / (maxPoints - 1));
  const oldest = (now - from) / 1_000;
  const exists = (resolution: number) =>
    oldest <= (RESOLUTIONS.find(({ seconds }) => seconds === resolution)?.keptFor ?? 0);
  const [seconds, resolution] = STEPS.find(([step, finest]) => step >= least && exists(finest)) ?? [DAY, HOUR];
  return { seconds, resolution };
}
