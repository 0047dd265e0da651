import type { Knex } from 'knex';

/**
 * Where the trace of a run comes from (W3C `traceparent` of the request that started it), so that the replica that executes it goes on with
 * the same trace. Null while there is no tracing, which costs a row nothing.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE runs ADD COLUMN trace_parent text');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE runs DROP COLUMN trace_parent');
}
