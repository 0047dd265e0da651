import pg from 'pg';
import type { Logger } from '../shared/observability/logger.ts';
import type { Metrics } from '../shared/observability/metrics.ts';
import { primaryClient } from './primary-client.ts';
import { CONNECT_TIMEOUT_MS, type PrimarySearch } from './primary-search.ts';

export interface PoolOptions {
  /** Which server the connections go to. */
  primary: PrimarySearch;
  /** Connections at most. */
  size: number;
  log: Logger;
  metrics: Metrics['postgres'];
  /** How many wait before they come to the pool; counted with those who wait in it. */
  inLine?: () => number;
}

const IDLE_TIMEOUT_MS = 30_000;
/** Finds a peer that vanished without a word while the connection was idle. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/**
 * The connections of this process. No session settings: behind PgBouncer in transaction mode they would belong to somebody else.
 * A `bigint` arrives as a number (all of ours are counters), on this pool only: parsers set on the driver would change other users of it.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.primary.anyUrl,
    Client: primaryClient(options.primary),
    max: options.size,
    application_name: 'weir',
    // A connection that cannot be made does not hold a place for long; where the server is searched before, twice as long.
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS * (options.primary.mustTakeWrites ? 2 : 1),
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: { getTypeParser: typeParser },
  });
  pool.on('error', (error) => {
    options.log.warn('idle database connection lost', { error });
    options.primary.doubt();
  });
  options.metrics.poolLimit.set(options.size);
  options.metrics.watchPool(() => ({
    total: pool.totalCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount + (options.inLine?.() ?? 0),
  }));
  return pool;
}

/** Idle connections to a server that has been replaced: the pool hands out the newest first, so they would lie there until their time is over. */
export function closeIdleToLeft(pool: pg.Pool, primary: PrimarySearch): void {
  for (let n = pool.idleCount; n > 0; n--)
    void pool.connect().then(
      (client) => client.release(primary.isLeft(client)),
      () => {},
    );
}

const typeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? safeInteger : pg.types.getTypeParser(oid, format as 'text');

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond the integers JavaScript can hold`);
  return value;
}
