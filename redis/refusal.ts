import type { Rebuilding, StaleEpoch } from './results.ts';

/** Why a script did nothing; all scripts mean the same by these numbers. */
export const REBUILDING: Rebuilding = { kind: 'rebuilding' };
const STALE_EPOCH: StaleEpoch = { kind: 'stale_epoch' };
const STALE_EPOCH_STATUS = -2;

/** For the scripts of the leader; all others know only {@link REBUILDING}. */
export function leaderRefusal(status: number): Rebuilding | StaleEpoch {
  return status === STALE_EPOCH_STATUS ? STALE_EPOCH : REBUILDING;
}
