import { plainArray } from '../array-literal.ts';
import { BACKGROUND_TIMEOUT_MS, type Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';
import { COLUMNS, hasStatus, type LeanRun } from './run-row.ts';
import { changingUnwatched, type RunsChanged } from './runs-changed.ts';

/** What the leader asks and does: expiry, reconciliation, rebuild after Redis lost its data. */
export interface RunRecovery {
  /** queued → timed_out; answers the runs that were. */
  timeOut(ids: readonly string[]): Promise<LeanRun[]>;
  /** Queued runs in the order of their acceptance, page by page: `after` is the last run of the page before. */
  queuedAll(page: { after?: Pick<LeanRun, 'acceptedAt' | 'seq'>; limit: number }): Promise<LeanRun[]>;
  /** Running runs, oldest first. As many as there are slots, more or less, so in one piece. */
  runningAll(): Promise<LeanRun[]>;
  /** The highest grant number a claimed run carries; 0 when none does. Later grants must get higher ones. */
  maxStartNo(): Promise<number>;
}

const TIME_OUT: Statement = {
  name: 'runs.timeOut',
  text: `
    UPDATE runs r SET status = 'timed_out', finished_at = now(), updated_at = now()
    WHERE r.id = ANY ($1::uuid[]) AND ${hasStatus('queued')}
    RETURNING ${COLUMNS.lean}`,
};

const QUEUED_ALL: Statement = {
  name: 'runs.queuedAll',
  text: `
    SELECT ${COLUMNS.lean} FROM runs r
    WHERE r.status = 'queued' AND (r.accepted_at, r.seq) > (to_timestamp($1::bigint / 1000.0), $2::bigint)
    ORDER BY r.accepted_at, r.seq LIMIT $3`,
};

const RUNNING_ALL: Statement = {
  name: 'runs.runningAll',
  text: `SELECT ${COLUMNS.lean} FROM runs r WHERE r.status = 'running' ORDER BY r.seq`,
};

const MAX_START_NO: Statement = {
  name: 'runs.maxStartNo',
  text: `SELECT coalesce(max(start_no), 0) AS max FROM runs WHERE start_no IS NOT NULL`,
};

export function runRecovery(postgres: Postgres, changed: RunsChanged): RunRecovery {
  const run = <Row extends object>(statement: Statement, values: unknown[] = []) =>
    postgres.run<Row>(statement, values, { timeoutMs: BACKGROUND_TIMEOUT_MS });
  return {
    timeOut: async (ids) =>
      ids.length === 0 ? [] : await changingUnwatched(changed, ids, run<LeanRun>(TIME_OUT, [plainArray(ids)])),
    queuedAll: ({ after, limit }) =>
      run<LeanRun>(QUEUED_ALL, [after?.acceptedAt.getTime() ?? 0, after?.seq ?? 0, limit]),
    runningAll: () => run<LeanRun>(RUNNING_ALL),
    async maxStartNo() {
      const [row] = await run<{ max: number }>(MAX_START_NO);
      return row?.max ?? 0;
    },
  };
}
