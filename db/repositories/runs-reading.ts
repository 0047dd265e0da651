import { FINAL_STATUSES, RUN_STATUSES, type RunStatus } from '../../shared/workflow/run-state.ts';
import { plainArray } from '../array-literal.ts';
import type { Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';
import { COLUMNS, type LeanRun, type RunRow, type RunStepRow } from './run-row.ts';

export interface RunReading {
  get(id: string): Promise<RunRow | null>;
  /** Those of the runs that exist, in no particular order. */
  getMany(ids: readonly string[]): Promise<LeanRun[]>;
  /** Checkpoints of a run, in order. */
  steps(runId: string): Promise<RunStepRow[]>;
  /** Newest first; of one user or (null) of all. The next page is `before` the `seq` of this one's last run, whatever arrives meanwhile. */
  list(filter: { userId: string | null; status?: RunStatus; limit: number; before?: number }): Promise<RunRow[]>;
  /** The user's queued and running runs, newest first, 100 at most. */
  active(userId: string): Promise<RunRow[]>;
  /** How long (s) the run has waited that was accepted first of all that wait, a slot of its own not yet taken up included; 0: none waits. */
  longestWait(): Promise<number>;
}

const GET: Statement = { name: 'runs.get', text: `SELECT ${COLUMNS.full} FROM runs r WHERE r.id = $1` };

const GET_MANY: Statement = {
  name: 'runs.getMany',
  text: `SELECT ${COLUMNS.lean} FROM runs r WHERE r.id = ANY ($1::uuid[])`,
};

const STEPS: Statement = {
  name: 'runSteps.ofRun',
  text: `
    SELECT run_id AS "runId", index, name, type, output, usage, attempt, started_at AS "startedAt", finished_at AS "finishedAt"
    FROM run_steps WHERE run_id = $1 ORDER BY index`,
};

/**
 * One short index range per status, merged: reads at most `limit` rows of each, however rare the status and long the history.
 * (A plain filter on status would walk through the whole history of a user who has no such run.)
 */
const LIST_OF_USER: Statement = {
  name: 'runs.listOfUser',
  text: `
    SELECT page.* FROM unnest($2::text[]) AS wanted(status), LATERAL (
      SELECT ${COLUMNS.full} FROM runs r
      WHERE r.user_id = $1 AND r.status = wanted.status AND r.seq < $3
      ORDER BY r.seq DESC LIMIT $4
    ) AS page
    ORDER BY page.seq DESC LIMIT $4`,
};

/**
 * Each status is written out, because the index `runs_status` leaves waiting runs out (which spares every insert an entry) and a partial
 * index serves only a statement that says so. The waiting ones are picked out of all that wait, whose number has a bound.
 */
const LIST_OF_ALL: Statement = {
  name: 'runs.listOfAll',
  text: `
    ${RUN_STATUSES.map(
      (status) => `(
      SELECT ${COLUMNS.full} FROM runs r
      WHERE '${status}' = ANY ($1::text[]) AND r.status = '${status}' AND r.seq < $2
      ORDER BY r.seq DESC LIMIT $3
    )`,
    ).join(' UNION ALL ')}
    ORDER BY seq DESC LIMIT $3`,
};

/** One entry of the index `runs_queued`. */
const LONGEST_WAIT: Statement = {
  name: 'runs.longestWait',
  text: `
    SELECT extract(epoch FROM clock_timestamp() - r.accepted_at)::float8 AS seconds FROM runs r
    WHERE r.status = 'queued' ORDER BY r.accepted_at, r.seq LIMIT 1`,
};

/** What a snapshot of a user's runs shows at most. */
const MAX_ACTIVE = 100;
const ACTIVE_STATUSES = RUN_STATUSES.filter((status) => !FINAL_STATUSES.includes(status));

/** `before` of the first page. */
const BEYOND_ALL = Number.MAX_SAFE_INTEGER;

export function runReading(postgres: Postgres): RunReading {
  const list: RunReading['list'] = ({ userId, status, limit, before = BEYOND_ALL }) => {
    const statuses = plainArray(status === undefined ? RUN_STATUSES : [status]);
    if (userId === null) return postgres.run<RunRow>(LIST_OF_ALL, [statuses, before, limit]);
    return postgres.run<RunRow>(LIST_OF_USER, [userId, statuses, before, limit]);
  };
  return {
    list,
    async get(id) {
      const [run] = await postgres.run<RunRow>(GET, [id]);
      return run ?? null;
    },
    async getMany(ids) {
      return ids.length === 0 ? [] : await postgres.run<LeanRun>(GET_MANY, [plainArray(ids)]);
    },
    steps: (runId) => postgres.run<RunStepRow>(STEPS, [runId]),
    active: (userId) =>
      postgres.run<RunRow>(LIST_OF_USER, [userId, plainArray(ACTIVE_STATUSES), BEYOND_ALL, MAX_ACTIVE]),
    async longestWait() {
      const [first] = await postgres.run<{ seconds: number }>(LONGEST_WAIT, []);
      return Math.max(0, first?.seconds ?? 0);
    },
  };
}
