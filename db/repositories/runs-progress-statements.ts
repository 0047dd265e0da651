import type { Statement } from '../statement.ts';
import { hasStatus } from './run-row.ts';

/**
 * Fence and checkpoint in one statement: the row of the step is written only if the run let itself be moved on. A repeat that arrives
 * late, when the run is further on, changes neither the output nor the state of a later step.
 */
export const CHECKPOINT: Statement = {
  name: 'runs.checkpoint',
  text: `
    WITH item AS (
      SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[], $8::bigint[])
        AS item(run_id, attempt, index, name, type, output, usage, started_ms)
    ), mine AS (
      UPDATE runs r SET
        current_step = greatest(r.current_step, item.index + 1),
        step_state = CASE WHEN r.current_step > item.index THEN r.step_state END,
        updated_at = now()
      FROM item
      WHERE r.id = item.run_id AND r.attempt = item.attempt AND ${hasStatus('running')}
      RETURNING r.id
    ), kept AS (
      INSERT INTO run_steps (run_id, index, name, type, output, usage, attempt, started_at, finished_at)
      SELECT item.run_id, item.index, item.name, item.type, item.output, item.usage, item.attempt,
             to_timestamp(item.started_ms / 1000.0), now()
      FROM item JOIN mine ON mine.id = item.run_id
      ON CONFLICT (run_id, index) DO NOTHING
    )
    SELECT id FROM mine`,
};

export const SAVE_STEP_STATE: Statement = {
  name: 'runs.saveStepState',
  text: `
    UPDATE runs r SET step_state = item.state, updated_at = now()
    FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::jsonb[]) AS item(run_id, attempt, step, state)
    WHERE r.id = item.run_id AND r.attempt = item.attempt AND ${hasStatus('running')} AND r.current_step = coalesce(item.step, r.current_step)
    RETURNING r.id`,
};

/** As CHECKPOINT, for those that come with their last step (`index` is not null). */
export const FINISH: Statement = {
  name: 'runs.finish',
  text: `
    WITH item AS (
      SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::jsonb[], $5::jsonb[],
                           $6::integer[], $7::text[], $8::text[], $9::jsonb[], $10::bigint[])
        AS item(run_id, attempt, status, result, error, index, name, type, usage, started_ms)
    ), mine AS (
      UPDATE runs r SET status = item.status, result = item.result, error = item.error, step_state = NULL,
                        current_step = greatest(r.current_step, item.index + 1), finished_at = now(), updated_at = now()
      FROM item
      WHERE r.id = item.run_id AND r.attempt = item.attempt AND ${hasStatus('running')}
      RETURNING r.id
    ), kept AS (
      INSERT INTO run_steps (run_id, index, name, type, output, usage, attempt, started_at, finished_at)
      SELECT item.run_id, item.index, item.name, item.type, coalesce(item.result, 'null'), item.usage, item.attempt,
             to_timestamp(item.started_ms / 1000.0), now()
      FROM item JOIN mine ON mine.id = item.run_id
      WHERE item.index IS NOT NULL
      ON CONFLICT (run_id, index) DO NOTHING
    )
    SELECT id FROM mine`,
};

/** For finishes that hit no row: which of them had landed before. */
export const FIND_FINISHED: Statement = {
  name: 'runs.findFinished',
  text: `
    SELECT r.id FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::jsonb[], $5::jsonb[]) AS item(run_id, attempt, status, result, error)
      JOIN runs r ON r.id = item.run_id
    WHERE r.attempt = item.attempt AND r.status || '' = item.status
      AND r.result IS NOT DISTINCT FROM item.result AND r.error IS NOT DISTINCT FROM item.error`,
};

/** `worker` becomes null, so that a repeat does not count twice. */
export const HAND_BACK: Statement = {
  name: 'runs.handBack',
  text: `
    UPDATE runs r SET max_attempts = r.max_attempts + 1, worker = NULL, updated_at = now()
    FROM unnest($1::uuid[], $2::integer[]) AS item(run_id, attempt)
    WHERE r.id = item.run_id AND r.attempt = item.attempt AND ${hasStatus('running')} AND r.worker IS NOT NULL`,
};
