/** Priorities a start may ask for. */
export const PRIORITIES = ['high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

/**
 * How much earlier (ms) a run is treated as accepted. A head start instead of classes: order within a priority stays
 * strict, nobody starves, and no run is delayed by queue-jumpers for longer than the largest difference (120 s).
 */
export const PRIORITY_BOOST_MS: Record<Priority, number> = { high: 60_000, normal: 0, low: -60_000 };
