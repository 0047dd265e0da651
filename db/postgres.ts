import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { WeirError } from '../shared/errors/weir-error.ts';
import type { Metrics } from '../shared/observability/metrics.ts';
import { detail } from '../shared/observability/tracing/details.ts';
import { fullJitter } from '../shared/resilience/backoff.ts';
import { type Breaker, BreakerOpenError, BreakerTimeoutError } from '../shared/resilience/breaker.ts';
import { type HeldConnections, Origin } from './held-connections.ts';
import type { PrimarySearch } from './primary-search.ts';
import { isRepeatable, isUnavailable, leavesConnectionUsable, wasUndone } from './sql-failure.ts';
import { changesRows, type Statement } from './statement.ts';
import { WaitedTooLong, type WaitingLine } from './waiting-line.ts';

/** Longest wait (ms) of somebody who has a request open: with it, "unavailable" is said within a second. */
export const REQUEST_TIMEOUT_MS = 900;
/** Longest wait (ms) of a worker or leader for a statement, who repeats what was given up: rather one slow statement than the same one twice. */
export const BACKGROUND_TIMEOUT_MS = 5_000;

/** Repeats of a statement that had no effect through no fault of its own, and their spacing. */
const REPEATS = 5;
const REPEAT_BASE_MS = 4;
const REPEAT_CAP_MS = 100;

/** What a span of a statement says besides its name; OpenTelemetry's names. */
const SPAN = { 'db.system.name': 'postgresql' } as const;

export interface RunOptions {
  /**
   * Default: the breaker's, which suits somebody with a request open. Whoever names a time of its own does not stand in line behind requests: workers,
   * the leader, and batches, each of which is many requests.
   */
  timeoutMs?: number;
}

export interface PostgresDeps {
  /** Left out: nobody looks for connections that are held for long. */
  held?: HeldConnections;
  pool: pg.Pool;
  /** Which server the connections of the pool go to. */
  primary: PrimarySearch;
  breaker: Breaker;
  metrics: Metrics['postgres'];
  /** In front of the pool; left out: none. */
  line?: WaitingLine;
}

/** How far one statement got. */
interface Way {
  /** It left for the server, and nothing has been heard of its being undone. */
  underWay: boolean;
}

/** The one way to Postgres: a prepared statement on a pooled connection, behind the breaker, measured, repeated after a deadlock. */
export class Postgres {
  constructor(private readonly deps: PostgresDeps) {}

  /**
   * Executes `statement` in a transaction of its own and answers its rows. Rejects with `storage_unavailable` when Postgres is down,
   * hangs or is known to; a statement that changes rows then had no effect. If it may have had, or still may, it is `outcome_unknown`.
   * Other errors (a constraint, a bug) come as they are.
   */
  async run<Row extends object>(
    statement: Statement,
    values: readonly unknown[] = [],
    options: RunOptions = {},
  ): Promise<Row[]> {
    // Here, as nothing of who asked is left on the stack when a connection comes.
    const origin = new Origin();
    const way: Way = { underWay: false };
    const stopTimer = this.deps.metrics.seconds.startTimer({ kind: statement.name });
    try {
      const work = () => this.repeatedly<Row>(statement, values, options, origin, way);
      const { line } = this.deps;
      return await detail(statement.name, SPAN, () =>
        line === undefined || options.timeoutMs !== undefined ? work() : line.run(work),
      );
    } catch (error) {
      throw asWeirError(error, way.underWay && changesRows(statement));
    } finally {
      stopTimer();
    }
  }

  private async repeatedly<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
    options: RunOptions,
    origin: Origin,
    way: Way,
  ): Promise<Row[]> {
    for (let repeat = 0; ; repeat++) {
      try {
        return await this.deps.breaker.execute(
          (signal) => this.query<Row>(statement, values, origin, way, signal),
          options,
        );
      } catch (error) {
        if (!isRepeatable(error) || repeat === REPEATS) throw error;
        await sleep(fullJitter(repeat, REPEAT_BASE_MS, REPEAT_CAP_MS));
      }
    }
  }

  /**
   * A connection whose query was given up is closed: it may be stuck for as long as TCP cares to wait, and the pool must not fill up
   * with such. An error that Postgres answered does not cost the connection (`pool.query` would close it).
   */
  private async query<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
    origin: Origin,
    way: Way,
    signal: AbortSignal,
  ): Promise<Row[]> {
    const client = await this.connection();
    if (signal.aborted) {
      client.release();
      throw signal.reason;
    }
    const { held, primary } = this.deps;
    held?.take(client, statement.name, origin);
    const release = (broken: boolean) => {
      held?.giveBack(client);
      client.release(broken || primary.isLeft(client));
    };
    const giveUp = () => {
      primary.doubt();
      release(true);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    let broken = false;
    way.underWay = true;
    try {
      const result = await client.query<Row & pg.QueryResultRow>({ ...statement, values: values as unknown[] });
      return result.rows;
    } catch (error) {
      if (wasUndone(error)) way.underWay = false;
      broken = !leavesConnectionUsable(error);
      if (isUnavailable(error)) primary.doubt();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
      if (!signal.aborted) release(broken);
    }
  }

  /** Connections to a server that another one has replaced are closed: it may be back, and not know. */
  private async connection(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await this.deps.pool.connect();
      if (!this.deps.primary.isLeft(client)) return client;
      client.release(true);
    }
  }
}

function asWeirError(error: unknown, mayHaveHappened: boolean): unknown {
  const retryAfterMs = error instanceof BreakerOpenError ? error.retryAfterMs : 0;
  const isOutage =
    error instanceof BreakerOpenError ||
    error instanceof WaitedTooLong ||
    error instanceof BreakerTimeoutError ||
    isUnavailable(error) ||
    isRepeatable(error);
  if (!isOutage) return error;
  return new WeirError(mayHaveHappened ? 'outcome_unknown' : 'storage_unavailable', {
    cause: error,
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)),
  });
}
