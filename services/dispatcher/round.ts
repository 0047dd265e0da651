import type { Rebuilding, StaleEpoch } from '../../redis/results.ts';

/**
 * What one round of a leader's duty comes to. `nextInMs`: after which another round can do more although nothing happens; null:
 * only an event can.
 */
export type RoundResult = { kind: 'done'; nextInMs: number | null } | Rebuilding | StaleEpoch;

/** Did its work, and knows of nothing to come. */
export const ROUND_DONE: RoundResult = { kind: 'done', nextInMs: null };
