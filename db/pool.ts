import pg from 'pg';
import type { Logger } from '../shared/observability/logger.ts';
import type { Metrics } from '../shared/observability/metrics.ts';

export interface PoolOptions {
  url: string;
  /** Connections at most. */
  size: number;
  log: Logger;
  metrics: Metrics['postgres'];
  /** How many wait before they come to the pool; counted with those who wait in it. */
  inLine?: () => number;
}

/** A little beyond what any caller waits (postgres.ts), so that a connection that cannot be made does not hold a place for long. */
const CONNECT_TIMEOUT_MS = 2_000;
const IDLE_TIMEOUT_MS = 30_000;
/** Finds a peer that vanished without a word while the connection was idle. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/**
 * The connections of this process. No session settings: behind PgBouncer in transaction mode they would belong to somebody else.
 * A `bigint` arrives as a number (all of ours are counters), on this pool only: parsers set on the driver would change other users of it.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.size,
    application_name: 'weir',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: { getTypeParser: typeParser },
  });
  pool.on('error', (error) => options.log.warn('idle database connection lost', { error }));
  pool.on('connect', (client) => {
    // The pool listens only while a client is idle. One that breaks in use rejects its query; unheard, it would also end the process.
    client.on('error', () => {});
  });
  options.metrics.poolLimit.set(options.size);
  options.metrics.watchPool(() => ({
    total: pool.totalCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount + (options.inLine?.() ?? 0),
  }));
  return pool;
}

const typeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? safeInteger : pg.types.getTypeParser(oid, format as 'text');

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond the integers JavaScript can hold`);
  return value;
}
