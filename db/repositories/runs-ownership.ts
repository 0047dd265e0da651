import type { Priority } from '../../shared/workflow/priority.ts';
import type { Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';
import { COLUMNS, hasStatus, type RunRow } from './run-row.ts';
import { changing, type RunsChanged } from './runs-changed.ts';

/** What the owner of a run decides. `userId` null: an administrator, who may touch every run. All answer null when nothing was changed. */
export interface RunOwnership {
  /** queued | running → cancelled. A worker that has the run learns it from its next write, which then hits no row. */
  cancel(id: string, userId: string | null): Promise<RunRow | null>;
  /** failed → queued, accepted anew at the end of the line and in a trace of its own, with `maxAttempts` further attempts; checkpoints stay. */
  retry(
    id: string,
    userId: string | null,
    options: { maxAttempts: number; queueTimeoutSeconds: number; traceParent?: string | null },
  ): Promise<RunRow | null>;
  /** queued → failed again, with its old error: for a retry that found the queue full. Only before any worker has taken it. */
  undoRetry(id: string): Promise<RunRow | null>;
  /** Of a queued run, by an administrator; the order in the queue follows from it. */
  setPriority(id: string, priority: Priority): Promise<RunRow | null>;
}

const CANCEL: Statement = {
  name: 'runs.cancel',
  text: `
    UPDATE runs r SET status = 'cancelled', finished_at = now(), updated_at = now(), step_state = NULL
    WHERE r.id = $1 AND ($2::text IS NULL OR r.user_id = $2) AND ${hasStatus('queued', 'running')}
    RETURNING ${COLUMNS.full}`,
};

const RETRY: Statement = {
  name: 'runs.retry',
  text: `
    UPDATE runs r SET
      status = 'queued', max_attempts = r.attempt + $3::integer,
      accepted_at = date_trunc('milliseconds', now()),
      expires_at = date_trunc('milliseconds', now()) + $4::integer * interval '1 millisecond',
      start_no = NULL, granted_at = NULL, started_at = NULL, finished_at = NULL, worker = NULL, claim_id = NULL, step_state = NULL,
      updated_at = now(), trace_parent = $5
    WHERE r.id = $1 AND ($2::text IS NULL OR r.user_id = $2) AND ${hasStatus('failed')}
    RETURNING ${COLUMNS.full}`,
};

/** `error` is still there: the retry left it, the claim takes it away. */
const UNDO_RETRY: Statement = {
  name: 'runs.undoRetry',
  text: `
    UPDATE runs r SET status = 'failed', finished_at = now(), updated_at = now()
    WHERE r.id = $1 AND ${hasStatus('queued')} AND r.error IS NOT NULL
    RETURNING ${COLUMNS.full}`,
};

const SET_PRIORITY: Statement = {
  name: 'runs.setPriority',
  text: `
    UPDATE runs r SET priority = $2, updated_at = now()
    WHERE r.id = $1 AND ${hasStatus('queued')}
    RETURNING ${COLUMNS.full}`,
};

export function runOwnership(postgres: Postgres, changed: RunsChanged): RunOwnership {
  const change = async (statement: Statement, values: [id: string, ...unknown[]]) => {
    const [run] = await changing(changed, [values[0]], postgres.run<RunRow>(statement, values));
    return run ?? null;
  };
  return {
    cancel: (id, userId) => change(CANCEL, [id, userId]),
    retry: (id, userId, { maxAttempts, queueTimeoutSeconds, traceParent = null }) =>
      change(RETRY, [id, userId, maxAttempts, Math.round(queueTimeoutSeconds * 1_000), traceParent]),
    undoRetry: (id) => change(UNDO_RETRY, [id]),
    setPriority: (id, priority) => change(SET_PRIORITY, [id, priority]),
  };
}
