import type { QueuePlace } from '../../../shared/protocol/http.ts';
import { estimate, wholeSeconds } from '../../../shared/wording/duration.ts';

/** A place in the queue in words: `position 3, starts in about 12 s, waits 4 min 48 s at most`. What is not known is said so. */
export function queuePlace(place: QueuePlace, now: number): string {
  const position = place.position === null ? 'position not known yet' : `position ${place.position}`;
  const wait =
    place.estimated_wait_seconds === null
      ? 'start not known yet'
      : `starts in ${estimate(place.estimated_wait_seconds)}`;
  const left = Date.parse(place.expires_at) - now;
  const end = left > 0 ? `waits ${wholeSeconds(left)} at most` : 'its time is up';
  return `${position}, ${wait}, ${end}`;
}
