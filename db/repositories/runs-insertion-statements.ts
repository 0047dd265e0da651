import type { Statement } from '../statement.ts';

/**
 * For a group without idempotency keys: nothing in the table can be in its way but the group itself, sent before. A tenth cheaper than
 * {@link INSERT_OR_SKIP}, which asks the indexes about every run first, and writes about every run twice.
 */
export const INSERT: Statement = { name: 'runs.insert', text: insertText('') };

/** Inserts what has neither its id nor its key in the table. No conflict target: a repeat conflicts on the primary key, a replay on the key. */
export const INSERT_OR_SKIP: Statement = { name: 'runs.insertOrSkip', text: insertText('ON CONFLICT DO NOTHING') };

/**
 * The answer is one row whatever the size of the group: parsing two hundred rows would cost more than everything else here does.
 * `seq` is drawn in the order of `ord`, so the sorted numbers belong to the items in order, provided that all were inserted.
 */
function insertText(onConflict: string): string {
  return `
    WITH inserted AS (
      INSERT INTO runs (id, workflow_id, accepted_at, expires_at, updated_at, max_attempts, step_count,
                        priority, user_id, workflow_name, request_hash, idempotency_key, correlation_id, payload,
                        trace_parent)
      SELECT id, workflow_id, date_trunc('milliseconds', now()),
             date_trunc('milliseconds', now()) + timeout_ms * interval '1 millisecond', now(), max_attempts, step_count,
             priority, user_id, workflow_name, request_hash, idempotency_key, correlation_id, payload, trace_parent
      FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::text[],
                  $9::text[], $10::text[], $11::text[], $12::jsonb[], $13::text[])
        WITH ORDINALITY AS item(id, workflow_id, timeout_ms, max_attempts, step_count, priority, user_id, workflow_name,
                                request_hash, idempotency_key, correlation_id, payload, trace_parent, ord)
      ORDER BY ord
      ${onConflict}
      RETURNING seq
    )
    SELECT (extract(epoch FROM date_trunc('milliseconds', now())) * 1000)::bigint AS "acceptedAt",
           string_agg(seq::text, ',' ORDER BY seq) AS seqs
    FROM inserted`;
}
