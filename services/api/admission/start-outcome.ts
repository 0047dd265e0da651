import type { RunRow } from '../../../db/repositories/run-row.ts';
import type { AdmitResult, Admitted, EstimateCurve } from '../../../redis/results.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import { waitingText } from './announce-queued.ts';
import { retryAfterSeconds, waitAt } from './estimate.ts';
import { queuePlace } from './queue-place.ts';
import type { QueueRefusal } from './refusal-hints.ts';
import type { StartAnswer } from './start-request.ts';

/** Outcome of one start; the names are the label values of `weir_admissions_total`. */
export type StartOutcome =
  | { kind: 'started' | 'queued' | 'unplaced'; answer: StartAnswer }
  /** The run of an earlier request; see {@link replayAnswer}. */
  | { kind: 'replayed'; run: RunRow }
  | { kind: QueueRefusal | 'key_reused' | 'failed'; error: WeirError };

/** Label values of `weir_admissions_total`; the last two: it could not be accepted, because Redis or Postgres was away. */
export const COUNTED_OUTCOMES = [
  'started',
  'queued',
  'unplaced',
  'replayed',
  'key_reused',
  'queue_full',
  'user_queue_full',
  'capacity_unavailable',
  'failed',
] as const satisfies ReadonlyArray<StartOutcome['kind'] | 'capacity_unavailable'>;

export function isRefusal(result: AdmitResult | undefined): boolean {
  return result?.kind === 'queue_full' || result?.kind === 'user_queue_full';
}

/** Answer to a repeat; `queue` is where the run stands now. */
export function replayAnswer(run: RunRow, queue: StartAnswer['queue']): StartAnswer {
  return { runId: run.id, status: run.status, queue, message: queue === null ? null : TEXTS.queued, replayed: true };
}

/** `result` undefined: the run is stored, but has no place yet. */
export function outcomeOf(
  runId: string,
  expiresAt: number,
  result: AdmitResult | undefined,
  admitted: Admitted | null,
  curve: EstimateCurve | null,
): StartOutcome {
  // Written out instead of spread from a common part: this is made for every start.
  if (result === undefined || admitted === null) {
    const queue = queuePlace(null, expiresAt, null);
    return { kind: 'unplaced', answer: { runId, status: 'queued', queue, message: TEXTS.queued, replayed: false } };
  }
  switch (result.kind) {
    case 'started':
      return {
        kind: 'started',
        answer: { runId, status: 'queued', queue: null, message: TEXTS.starting, replayed: false },
      };
    case 'queued': {
      const queue = queuePlace(result.position, result.expiresAt, curve);
      const message = waitingText(admitted.level);
      return { kind: 'queued', answer: { runId, status: 'queued', queue, message, replayed: false } };
    }
    default: {
      // The first in the queue is the next to make room.
      const error = new WeirError(result.kind, { retryAfterSeconds: retryAfterSeconds(waitAt(curve, 1)) });
      return { kind: result.kind, error };
    }
  }
}
