import type { QueuePlace } from '../../../shared/protocol/http.ts';
import type { ToldPlace } from './local-user.ts';

/** A client counts an estimate down by itself; only a difference it cannot know is worth a frame: this many seconds … */
const TOLERANCE_SECONDS = 2;
/** … and this share of the estimate. */
const TOLERANCE_SHARE = 0.2;

/** Whether the owner of a waiting run has to hear of its place. `now` in Unix ms. */
export function placeChanged(told: ToldPlace, place: QueuePlace, now: number): boolean {
  if (place.position !== told.position || place.expires_at !== told.expiresAt) return true;
  const before = told.estimatedWaitSeconds;
  const after = place.estimated_wait_seconds;
  if (before === null || after === null) return before !== after;
  const countedDown = Math.max(0, before - (now - told.toldAt) / 1_000);
  return Math.abs(after - countedDown) > Math.max(TOLERANCE_SECONDS, TOLERANCE_SHARE * countedDown);
}
