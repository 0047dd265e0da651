import type { Statement } from '../statement.ts';
import { COLUMNS, hasStatus } from './run-row.ts';

/** This very claim has been here before. */
const REPEATED = 'coalesce(r.claim_id = item.claim_id, false)';
const ALLOWED = `(r.attempt < r.max_attempts OR ${REPEATED})`;

/**
 * Either takes the run or, when its attempts are used up, fails it; which one is read from the status afterwards. A claim that was
 * given up and sent again finds its own `claim_id` and changes nothing: otherwise every repeat during an outage would use up an attempt.
 * The definition comes along, so the common case is one statement.
 */
export const CLAIM: Statement = {
  name: 'runs.claim',
  text: `
    UPDATE runs r SET
      status = CASE WHEN ${ALLOWED} THEN 'running' ELSE 'failed' END,
      attempt = r.attempt + CASE WHEN ${ALLOWED} AND NOT ${REPEATED} THEN 1 ELSE 0 END,
      claim_id = item.claim_id,
      worker = item.worker,
      start_no = coalesce(r.start_no, item.start_no),
      granted_at = coalesce(r.granted_at, to_timestamp(item.granted_ms / 1000.0)),
      started_at = coalesce(r.started_at, now()),
      finished_at = CASE WHEN NOT ${ALLOWED} THEN now() END,
      error = CASE WHEN NOT ${ALLOWED} THEN jsonb_build_object(
        'code', 'attempts_exhausted',
        'reason', format('The worker of this run was lost too often: attempt %s was the last one allowed.', r.attempt),
        'step', (SELECT w.steps -> r.current_step ->> 'name' FROM workflows w WHERE w.id = r.workflow_id)) END,
      updated_at = now()
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[]) AS item(id, claim_id, start_no, granted_ms, worker)
    WHERE r.id = item.id AND ${hasStatus('queued', 'running')}
    RETURNING ${COLUMNS.full}, (SELECT w.steps FROM workflows w WHERE w.id = r.workflow_id) AS steps`,
};

/** A number of before the run was retried says nothing any more. */
export const KEEP_GRANT_NO: Statement = {
  name: 'runs.keepGrantNo',
  text: `
    UPDATE runs r SET start_no = $2
    WHERE r.id = $1 AND coalesce(r.start_no > $2, true) AND r.accepted_at <= to_timestamp($3 / 1000.0)
      AND ${hasStatus('queued', 'running', 'succeeded', 'failed')}`,
};

/** For claims that hit no row. */
export const FIND_ENDED: Statement = {
  name: 'runs.findEnded',
  text: `SELECT ${COLUMNS.full}, r.claim_id AS "claimId" FROM runs r WHERE r.id = ANY ($1::uuid[])`,
};

/**
 * Read after the claim, in a snapshot of its own: a checkpoint that the claim had to wait for (of the worker it has just fenced off)
 * is not in the snapshot of the claim.
 */
export const OUTPUTS: Statement = {
  name: 'runSteps.outputs',
  text: `SELECT run_id AS "runId", name, output FROM run_steps WHERE run_id = ANY ($1::uuid[]) ORDER BY run_id, index`,
};
