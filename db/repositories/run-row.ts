import type { RunAnswer } from '../../shared/protocol/http.ts';
import type { StepKind } from '../../shared/workflow/definition.ts';
import type { Priority } from '../../shared/workflow/priority.ts';
import type { RunStatus } from '../../shared/workflow/run-state.ts';

/** A run as it stands in the table. */
export interface RunRow {
  id: string;
  /** Order of insertion over the whole cluster; what lists page by. */
  seq: number;
  userId: string;
  workflowId: string;
  workflowName: string;
  stepCount: number;
  priority: Priority;
  status: RunStatus;
  payload: RunAnswer['payload'];
  /** Digest of the request; tells a repeat from another request under the same idempotency key. */
  requestHash: string;
  idempotencyKey: string | null;
  correlationId: string;
  /** W3C `traceparent` of the request that (re)started it; null: it was not traced. */
  traceParent: string | null;
  /** How often a worker has taken the run; also the fence: only writes that carry it land. */
  attempt: number;
  maxAttempts: number;
  /** Milliseconds precise; a retry sets it anew. */
  acceptedAt: Date;
  expiresAt: Date;
  /** Order of (first) slot grants over the whole cluster; null until the first claim after (re)acceptance, as are the next two. */
  startNo: number | null;
  grantedAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  worker: string | null;
  /** Index of the first step without checkpoint. */
  currentStep: number;
  /** What the step under way wants to find again after an interruption. */
  stepState: unknown;
  result: unknown;
  /** Why it failed; null in every other status. */
  error: RunError | null;
  updatedAt: Date;
}

export type RunError = NonNullable<RunAnswer['error']>;

/** A run without its documents: what queue and rebuild need of thousands at once. */
export type LeanRun = Omit<RunRow, 'payload' | 'stepState' | 'result' | 'error' | 'requestHash' | 'idempotencyKey'>;

export interface RunStepRow {
  runId: string;
  index: number;
  name: string;
  type: StepKind;
  output: unknown;
  usage: unknown;
  attempt: number;
  startedAt: Date;
  finishedAt: Date;
}

const LEAN_COLUMNS = `
  r.id, r.seq, r.user_id AS "userId", r.workflow_id AS "workflowId", r.workflow_name AS "workflowName", r.step_count AS "stepCount",
  r.priority, r.status, r.correlation_id AS "correlationId", r.attempt, r.max_attempts AS "maxAttempts",
  r.accepted_at AS "acceptedAt", r.expires_at AS "expiresAt", r.start_no AS "startNo", r.granted_at AS "grantedAt",
  r.started_at AS "startedAt", r.finished_at AS "finishedAt", r.worker, r.current_step AS "currentStep", r.updated_at AS "updatedAt",
  r.trace_parent AS "traceParent"`;

/**
 * Select lists that make a row of table `runs r` the interface above, without a mapping in JavaScript.
 * `error` stays in the table while a retried run waits, so that a refused retry can be taken back; shown it is only of a failed run.
 */
export const COLUMNS = {
  lean: LEAN_COLUMNS,
  full: `${LEAN_COLUMNS},
  r.payload, r.request_hash AS "requestHash", r.idempotency_key AS "idempotencyKey", r.step_state AS "stepState", r.result,
  CASE WHEN r.status = 'failed' THEN r.error END AS error`,
} as const;

/**
 * Condition on the status of runs that are looked up by id. Written so that no index on status can serve it: after a quiet hour the
 * statistics say that hardly any run is running, and reading them all to find the given ones looks cheaper to the planner than it is.
 */
export function hasStatus(...statuses: RunStatus[]): string {
  return `r.status || '' IN (${statuses.map((status) => `'${status}'`).join(', ')})`;
}
