import type { LeanRun } from '../../../db/repositories/run-row.ts';
import type { AdmitEntry } from '../../../redis/results.ts';

/** An accepted run on its way into Redis, with what its owner is told about it. */
export interface Placeable extends AdmitEntry {
  workflowName: string;
  traceParent?: string | null;
}

export function placeableOf(run: LeanRun): Placeable {
  return {
    runId: run.id,
    seq: run.seq,
    userId: run.userId,
    workflowId: run.workflowId,
    workflowName: run.workflowName,
    traceParent: run.traceParent,
    priority: run.priority,
    acceptedAt: run.acceptedAt.getTime(),
    expiresAt: run.expiresAt.getTime(),
    attemptFloor: run.attempt,
  };
}
