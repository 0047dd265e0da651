/**
 * One SQL text under a name of its own. It is prepared once per connection and then only executed. Prepared by name in the protocol,
 * not by SQL `PREPARE`, so it also works through PgBouncer ≥ 1.21 in transaction mode (`max_prepared_statements` > 0).
 */
export interface Statement {
  /** `<table>.<what>`; unique, at most 63 characters. */
  readonly name: string;
  readonly text: string;
}

/**
 * Makes the commit of a statement wait until everything that it could see is on the disk of the synchronous standby too, which the commit
 * of a statement that writes nothing does not. It puts an empty message into the log, which nobody reads; a commit's worth of time.
 */
export const KEPT = `SELECT pg_logical_emit_message(true, 'weir', '') AS lsn`;

/** In the texts of statements, where names are written small: what changes rows, and not the lock of a reading one (`FOR UPDATE`). */
const CHANGE = /\b(INSERT INTO|DELETE FROM|MERGE INTO|(?<!FOR |FOR NO KEY )UPDATE [a-z])/;

/** Whether somebody who was not answered has to ask what became of it. */
export function changesRows({ text }: Statement): boolean {
  return CHANGE.test(text);
}
