import type { QueuePlace, RunAnswer } from '../../../shared/protocol/http.ts';
import type { Priority } from '../../../shared/workflow/priority.ts';
import type { RunStatus } from '../../../shared/workflow/run-state.ts';
import type { StartableWorkflow } from '../cache/workflow-cache.ts';

/** A validated wish to start a run. */
export interface StartRequest {
  userId: string;
  workflow: StartableWorkflow;
  payload: RunAnswer['payload'];
  priority: Priority;
  idempotencyKey: string | null;
  /** Digest of the request under the key; '' without a key. */
  requestHash: string;
  correlationId: string;
  /** W3C `traceparent`; default null. */
  traceParent?: string | null;
}

export interface StartAnswer {
  runId: string;
  status: RunStatus;
  /** null: it does not wait. */
  queue: QueuePlace | null;
  message: string | null;
  /** The run of an earlier request with the same key. */
  replayed: boolean;
}
