import pg from 'pg';

/**
 * SQLSTATE classes and codes that mean "this server cannot work now", by which nothing was decided about the statement itself.
 * Source: PostgreSQL 15, appendix A.
 */
const UNAVAILABLE_CLASSES = [
  '08', // connection exceptions
  '28', // not let in
  '53', // out of connections, disk or memory
  '58', // errors of the machine under it
];
const UNAVAILABLE_CODES = [
  '25006', // read only: we are talking to a standby
  '3D000', // the database is not there
  '55P03', // a lock was not to be had within the operator's lock_timeout
  '57014', // cancelled, by the operator's statement_timeout or by hand
  '57P01', // shutting down
  '57P02', // another backend crashed
  '57P03', // starting
  '57P05', // idle session ended
];

const ROLLED_BACK_CODES = [
  '40001', // serialization failure
  '40P01', // deadlock
];

/** What this connection has prepared is not what the server has (any more): on another connection the statement works. */
const STALE_STATEMENT_CODES = [
  '26000', // not prepared: somebody between us and the server swapped or reset the session
  '0A000', // "cached plan must not change result type": a migration ran
];

/** Whether Postgres could not be asked or could not work: its answer says nothing about the statement. */
export function isUnavailable(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== undefined)
    return UNAVAILABLE_CLASSES.includes(code.slice(0, 2)) || UNAVAILABLE_CODES.includes(code) || endsSession(error);
  // The driver reports a broken or unobtainable connection as a plain Error, the network as one with an `errno`; our own bugs have a class.
  return (
    error instanceof Error &&
    !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError)
  );
}

/** Whether the statement had no effect, for a reason that lies outside of it, and can simply be repeated. */
export function isRepeatable(error: unknown): boolean {
  const code = sqlState(error) ?? '';
  return ROLLED_BACK_CODES.includes(code) || STALE_STATEMENT_CODES.includes(code);
}

/**
 * Whether Postgres said that the statement was undone. A session that ends (FATAL, PANIC) or breaks says nothing of the kind: the commit may
 * be on the disk already.
 */
export function wasUndone(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.severity === 'ERROR';
}

/** Whether a row was refused because another one has its key. */
export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505';
}

/** Whether the connection can be used on: the server answered, with an error, and neither ended the session nor forgot what we prepared. */
export function leavesConnectionUsable(error: unknown): boolean {
  const code = sqlState(error);
  return code !== undefined && !isUnavailable(error) && !STALE_STATEMENT_CODES.includes(code);
}

/** The server gave the session up, as when its disk is too full for it to begin one (XX000, which elsewhere is a bug of the server). */
function endsSession(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.severity === 'FATAL' || error.severity === 'PANIC');
}

function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}
