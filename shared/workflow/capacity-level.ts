/** Levels in order of severity; the number is what Redis stores. */
export const CAPACITY_LEVELS = ['normal', 'elevated', 'degraded', 'saturated'] as const;
export type CapacityLevel = (typeof CAPACITY_LEVELS)[number];

/** Share of `max_users` at which a level is entered (story 10.5: 20, 23 and 25 of 25). */
export const LEVEL_ENTRY_PERCENT = { elevated: 80, degraded: 90, saturated: 100 } as const;

/** A level is left only after this many points below its entry … */
export const LEVEL_EXIT_POINTS = 5;
/** … for this long (ms), so that one user at the border does not make the banner flicker. */
export const LEVEL_EXIT_HOLD_MS = 10_000;

export function levelRank(level: CapacityLevel): number {
  return CAPACITY_LEVELS.indexOf(level);
}

/** Comforts, in the order in which they are shed; they are off from `degraded` upwards. */
export const COMFORTS = ['read_receipts', 'presence', 'typing'] as const;
export type Comfort = (typeof COMFORTS)[number];

/** Why a comfort was switched. `level`: the capacity level; `forced`, `released`: an administrator; `lapsed`: the end an administrator had set. */
export const COMFORT_CAUSES = ['level', 'forced', 'released', 'lapsed'] as const;
export type ComfortCause = (typeof COMFORT_CAUSES)[number];
