import type { RunRecord } from '../../support/cluster/run-record.ts';
import type { Checkpoint, StoredRun } from './evidence.ts';

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** Past the API: what Postgres has of all runs. */
export function storedRuns(record: RunRecord): Promise<StoredRun[]> {
  return record.query<StoredRun>(`
    SELECT id, user_id AS "user", payload->>'wish' AS wish, seq::float8, priority, status, attempt, step_count AS "stepCount",
           start_no::float8 AS "startNo", ${ms('accepted_at')} AS "acceptedAt", ${ms('granted_at')} AS "grantedAt",
           ${ms('finished_at')} AS "finishedAt"
    FROM runs ORDER BY seq`);
}

/** Of the steps that call the journal, with the number it answered. */
export function storedCheckpoints(record: RunRecord): Promise<Checkpoint[]> {
  return record.query<Checkpoint>(`
    SELECT run_id AS "runId", index, name AS step, attempt, ${ms('finished_at')} AS "finishedAt",
           (output->'body'->>'effect')::float8 AS effect
    FROM run_steps ORDER BY run_id, index`);
}
