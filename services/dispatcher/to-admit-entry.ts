import type { LeanRun } from '../../db/repositories/run-row.ts';
import type { AdmitEntry } from '../../redis/results.ts';

/** A run that comes back to the queue: with its original times, and promised, because its owner has long been told yes. */
export function toAdmitEntry(run: LeanRun): AdmitEntry {
  return {
    runId: run.id,
    seq: run.seq,
    userId: run.userId,
    workflowId: run.workflowId,
    priority: run.priority,
    acceptedAt: run.acceptedAt.getTime(),
    expiresAt: run.expiresAt.getTime(),
    attemptFloor: run.attempt,
    promised: true,
  };
}
