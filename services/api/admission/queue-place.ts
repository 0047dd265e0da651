import type { EstimateCurve } from '../../../redis/results.ts';
import type { QueuePlace } from '../../../shared/protocol/http.ts';
import { waitAt } from './estimate.ts';

/** A place as the API shows it. `position` null: accepted, but the queue could not be asked. */
export function queuePlace(position: number | null, expiresAt: Date | number, curve: EstimateCurve | null): QueuePlace {
  return {
    position,
    estimated_wait_seconds: position === null ? null : waitAt(curve, position),
    expires_at: new Date(expiresAt).toISOString(),
  };
}
