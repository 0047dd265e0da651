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
  | { kind: QueueRefusal | 'key_reused'; error: WeirError };

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
  const answer = { runId, status: 'queued' as const, replayed: false };
  if (result === undefined || admitted === null) {
    return { kind: 'unplaced', answer: { ...answer, queue: queuePlace(null, expiresAt, null), message: TEXTS.queued } };
  }
  switch (result.kind) {
    case 'started':
      return { kind: 'started', answer: { ...answer, queue: null, message: TEXTS.starting } };
    case 'queued': {
      const queue = queuePlace(result.position, result.expiresAt, curve);
      return { kind: 'queued', answer: { ...answer, queue, message: waitingText(admitted.level) } };
    }
    default: {
      // The first in the queue is the next to make room.
      const error = new WeirError(result.kind, { retryAfterSeconds: retryAfterSeconds(waitAt(curve, 1)) });
      return { kind: result.kind, error };
    }
  }
}
