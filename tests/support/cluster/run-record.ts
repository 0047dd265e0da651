import pg from 'pg';
import { primaryClient } from '../../../db/primary-client.ts';
import { PrimarySearch } from '../../../db/primary-search.ts';
import type { RunStatus } from '../../../shared/workflow/run-state.ts';
import { until } from '../until.ts';

/** A run as Postgres has it; times in Unix ms with fractions. */
export interface RecordedRun {
  id: string;
  userId: string;
  seq: number;
  priority: string;
  status: RunStatus;
  attempt: number;
  maxAttempts: number;
  startNo: number | null;
  worker: string | null;
  currentStep: number;
  acceptedAt: number;
  expiresAt: number;
  grantedAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
}

const ms = (column: string, name: string) => `(extract(epoch FROM ${column}) * 1000)::float8 AS "${name}"`;
const RUNS = `
  SELECT id, user_id AS "userId", seq::float8, priority, status, attempt, max_attempts AS "maxAttempts", start_no::float8 AS "startNo",
         worker, current_step AS "currentStep", ${ms('accepted_at', 'acceptedAt')}, ${ms('expires_at', 'expiresAt')},
         ${ms('granted_at', 'grantedAt')}, ${ms('started_at', 'startedAt')}, ${ms('finished_at', 'finishedAt')}
  FROM runs ORDER BY accepted_at, seq`;

const ENDED: readonly string[] = ['succeeded', 'failed', 'cancelled', 'timed_out'];

/** The durable record of a cluster under test, read past its API. */
export class RunRecord {
  private readonly pool: pg.Pool;

  /** `url` as in WEIR_DATABASE_URL. */
  constructor(url: string) {
    const primary = new PrimarySearch(url);
    this.pool = new pg.Pool({ connectionString: primary.anyUrl, Client: primaryClient(primary), max: 2 });
    // Postgres may be restarted under a test.
    this.pool.on('error', () => {});
  }

  /** In the order of acceptance; `ids` left out: all. */
  async runs(ids?: readonly string[]): Promise<RecordedRun[]> {
    const { rows } = await this.pool.query<RecordedRun>(RUNS);
    if (ids === undefined) return rows;
    const wanted = new Set(ids);
    return rows.filter((run) => wanted.has(run.id));
  }

  /** Ids of the runs that have not ended. */
  async open(): Promise<string[]> {
    return (await this.runs()).filter(({ status }) => !ENDED.includes(status)).map(({ id }) => id);
  }

  async query<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, values)).rows;
  }

  /** Waits until each of the runs has ended, however; resolves to them. */
  async ended(ids: readonly string[], timeoutMs: number): Promise<RecordedRun[]> {
    return until(
      async () => {
        const runs = await this.runs(ids);
        const open = runs.filter((run) => !ENDED.includes(run.status));
        if (runs.length < ids.length || open.length > 0)
          throw new Error(`${open.length} of ${ids.length} go on, the first is ${open[0]?.status}`);
        return runs;
      },
      { timeoutMs, what: 'all runs to end' },
    );
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

/** Ids in the order of the slot grants; runs that never had one are left out. */
export function startOrder(runs: readonly RecordedRun[]): string[] {
  return runs
    .filter((run) => run.startNo !== null)
    .sort((a, b) => (a.startNo ?? 0) - (b.startNo ?? 0))
    .map((run) => run.id);
}

/** Largest number of runs between `startedAt` and `finishedAt` at one instant. */
export function mostAtOnce(runs: readonly RecordedRun[]): number {
  const changes = runs.flatMap(({ startedAt, finishedAt }) =>
    startedAt === null || finishedAt === null
      ? []
      : [
          { at: startedAt, by: 1 },
          { at: finishedAt, by: -1 },
        ],
  );
  let now = 0;
  let most = 0;
  // An end and a start of the same microsecond are no overlap.
  for (const change of changes.sort((a, b) => a.at - b.at || a.by - b.by)) {
    now += change.by;
    most = Math.max(most, now);
  }
  return most;
}
