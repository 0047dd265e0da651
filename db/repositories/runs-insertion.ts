import { WeirError } from '../../shared/errors/weir-error.ts';
import type { Priority } from '../../shared/workflow/priority.ts';
import { jsonTextArray, plainArray, textArray } from '../array-literal.ts';
import { jsonText } from '../json-text.ts';
import { type Postgres, REQUEST_TIMEOUT_MS } from '../postgres.ts';
import { isUniqueViolation } from '../sql-failure.ts';
import { KEPT, type Statement } from '../statement.ts';
import { COLUMNS, hasStatus, type RunRow } from './run-row.ts';
import { changing, changingUnwatched, type RunsChanged } from './runs-changed.ts';
import { INSERT, INSERT_OR_SKIP } from './runs-insertion-statements.ts';

/** A start, validated. `id` is the caller's, so that an insert whose answer was lost can be sent again. */
export interface NewRun {
  id: string;
  userId: string;
  workflowId: string;
  workflowName: string;
  stepCount: number;
  priority: Priority;
  payload: RunRow['payload'];
  requestHash: string;
  idempotencyKey: string | null;
  correlationId: string;
  /** Default null. */
  traceParent?: string | null;
  maxAttempts: number;
  queueTimeoutSeconds: number;
}

export type InsertResult =
  /** Times are Unix milliseconds of the Postgres clock. */
  | { kind: 'inserted'; seq: number; acceptedAt: number; expiresAt: number }
  /** The same request came before under this key: `run` is what became of it. */
  | { kind: 'replayed'; run: RunRow }
  /** Another request came before under this key. */
  | { kind: 'key_reused' };

export interface RunInsertion {
  /**
   * Stores a group of starts that arrived together; answers one result per item, in the same order. One statement, one commit; a second
   * one only when a key (or an id: a repeated call) was there already. Runs of one group are accepted at the same millisecond and
   * ordered by `seq`. Safe to repeat with the same ids. Rejects within a second with `storage_unavailable`, and then none is stored, or
   * with `outcome_unknown`: each may be, now or much later.
   */
  insertBatch(items: readonly NewRun[]): Promise<InsertResult[]>;
  /**
   * Deletes runs that were inserted and then had no place in the queue; answers the ids of those that stay: what has left the queue, and
   * runs with a key that were touched since ({@link RunInsertion.promise}). When it rejects it may still take effect, also much later.
   */
  removeRefused(ids: readonly string[]): Promise<string[]>;
  /**
   * For whoever tells the repeat of a start that its run is accepted: from now on {@link RunInsertion.removeRefused} leaves the run alone,
   * also one that was sent before and hangs. null: there is no such run, or it does not wait for its first worker (any more).
   */
  promise(id: string): Promise<RunRow | null>;
}

/**
 * Runs of the group that are in the table, by their own id or by a key of the same user. To say so is a promise. After a crash of the primary
 * runs can be read that its synchronous standby never got, so where there are any this waits for the standby as a write does.
 */
const FIND_EXISTING: Statement = {
  name: 'runs.findExisting',
  text: `
    WITH kept AS (${KEPT})
    SELECT ${COLUMNS.full} FROM runs r, kept WHERE r.id = ANY ($1::uuid[])
    UNION ALL
    SELECT ${COLUMNS.full} FROM runs r, kept
    WHERE r.idempotency_key || ' ' || r.user_id = ANY ($2::text[]) AND r.idempotency_key IS NOT NULL
      AND NOT r.id = ANY ($1::uuid[])`,
};

/** Waits for the synchronous standby also when there is nothing to remove: an INSERT that still waits for it cannot be seen before. */
const REMOVE_REFUSED: Statement = {
  name: 'runs.removeRefused',
  text: `
    WITH removed AS (
      DELETE FROM runs r
      WHERE r.id = ANY ($1::uuid[]) AND ${hasStatus('queued')} AND r.attempt = 0
        AND (r.idempotency_key IS NULL OR date_trunc('milliseconds', r.updated_at) = r.accepted_at)
      RETURNING r.id
    )
    SELECT (${KEPT}), ARRAY(
      SELECT r.id::text FROM runs r
      WHERE r.id = ANY ($1::uuid[]) AND NOT EXISTS (SELECT FROM removed WHERE removed.id = r.id)
    ) AS staying`,
};

/** The lock of the row decides between this and a removal; whoever comes second sees what the first has done. */
const PROMISE: Statement = {
  name: 'runs.promise',
  text: `
    UPDATE runs r SET updated_at = GREATEST(now(), r.accepted_at + interval '1 millisecond')
    WHERE r.id = $1 AND ${hasStatus('queued')} AND r.attempt = 0
    RETURNING ${COLUMNS.full}`,
};

/** A batch of starts is not to stand in line behind single reads. */
const OF_MANY = { timeoutMs: REQUEST_TIMEOUT_MS };

/** The run a key belongs to can be removed (refused) between our two statements; then the key is free and the item is inserted after all. */
const MAX_ROUNDS = 5;

export function runInsertion(postgres: Postgres, changed: RunsChanged): RunInsertion {
  return {
    async insertBatch(items) {
      const allNew = await insertNew(postgres, items);
      if (allNew !== null) return allNew;
      const progress = { someStored: false };
      try {
        return await insertAround(postgres, items, progress);
      } catch (error) {
        // Which ones of the group are in the table could not be asked.
        throw progress.someStored && error instanceof WeirError ? error.as('outcome_unknown') : error;
      }
    },
    async removeRefused(ids) {
      if (ids.length === 0) return [];
      const removing = postgres.run<{ staying: string[] }>(REMOVE_REFUSED, [plainArray(ids)], OF_MANY);
      const [row] = await changingUnwatched(changed, ids, removing);
      return row?.staying ?? [];
    },
    async promise(id) {
      const [run] = await changing(changed, [id], postgres.run<RunRow>(PROMISE, [id]));
      return run ?? null;
    },
  };
}

/** For a group of which some may be in the table already. `progress` is told as soon as any of it is. */
async function insertAround(
  postgres: Postgres,
  items: readonly NewRun[],
  progress: { someStored: boolean },
): Promise<InsertResult[]> {
  const results: InsertResult[] = new Array(items.length);
  let open = inSafeOrder(items);
  for (let round = 0; open.length > 0; round++) {
    if (round === MAX_ROUNDS) throw new Error(`${open.length} runs conflict with runs that are not there`);
    const { acceptedAt, seqs } = await insert(
      postgres,
      INSERT_OR_SKIP,
      open.map(({ item }) => item),
    );
    if (seqs.length === open.length) {
      open.forEach(({ item, index }, position) => {
        results[index] = inserted(seqs[position] as number, acceptedAt, acceptedAt + timeoutMs(item));
      });
      return results;
    }
    progress.someStored ||= seqs.length > 0;
    const judge = await existing(postgres, open);
    open = open.filter(({ item, index }) => {
      const result = judge(item);
      if (result !== undefined) results[index] = result;
      return result === undefined;
    });
  }
  return results;
}

interface Place {
  item: NewRun;
  /** In the group as given. */
  index: number;
}

/**
 * The group as given, except that items with a key change places among themselves to be in the order of their keys: two groups
 * with the same keys, inserted at once through two replicas, then wait for each other instead of dead-locking. What arrives in the same
 * group has no order its senders could know of.
 */
function inSafeOrder(items: readonly NewRun[]): Place[] {
  const places = items.map((item, index) => ({ item, index }));
  const keyed = places.filter(({ item }) => item.idempotencyKey !== null);
  if (keyed.length < 2) return places;
  const sorted = keyed.map((place) => ({ place, key: keyText(place.item) }));
  sorted.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  let next = 0;
  return places.map((place) => (place.item.idempotencyKey === null ? place : (sorted[next++]?.place ?? place)));
}

/** null: the group has keys, or was sent before. */
async function insertNew(postgres: Postgres, items: readonly NewRun[]): Promise<InsertResult[] | null> {
  if (items.length === 0 || items.some((item) => item.idempotencyKey !== null)) return null;
  try {
    const { acceptedAt, seqs } = await insert(postgres, INSERT, items);
    return items.map((item, index) => inserted(seqs[index] as number, acceptedAt, acceptedAt + timeoutMs(item)));
  } catch (error) {
    if (isUniqueViolation(error)) return null;
    throw error;
  }
}

async function insert(
  postgres: Postgres,
  statement: Statement,
  items: readonly NewRun[],
): Promise<{ acceptedAt: number; seqs: number[] }> {
  const column = <Value>(value: (item: NewRun) => Value) => items.map(value);
  const [row] = await postgres.run<{ acceptedAt: number; seqs: string | null }>(
    statement,
    [
      plainArray(column((item) => item.id)),
      plainArray(column((item) => item.workflowId)),
      plainArray(column(timeoutMs)),
      plainArray(column((item) => item.maxAttempts)),
      plainArray(column((item) => item.stepCount)),
      plainArray(column((item) => item.priority)),
      textArray(column((item) => item.userId)),
      textArray(column((item) => item.workflowName)),
      textArray(column((item) => item.requestHash)),
      textArray(column((item) => item.idempotencyKey)),
      textArray(column((item) => item.correlationId)),
      jsonTextArray(column((item) => jsonText(item.payload))),
      textArray(column((item) => item.traceParent ?? null)),
    ],
    OF_MANY,
  );
  return { acceptedAt: row?.acceptedAt ?? 0, seqs: row?.seqs ? row.seqs.split(',').map(Number) : [] };
}

/** Tells of any item of the group what the table holds for it; undefined: nothing. */
async function existing(
  postgres: Postgres,
  places: readonly Place[],
): Promise<(item: NewRun) => InsertResult | undefined> {
  const keyed = places.filter(({ item }) => item.idempotencyKey !== null);
  const rows = await postgres.run<RunRow>(
    FIND_EXISTING,
    [plainArray(places.map(({ item }) => item.id)), textArray(keyed.map(({ item }) => keyText(item)))],
    OF_MANY,
  );
  const byId = new Map(rows.map((run) => [run.id, run]));
  const byKey = new Map(rows.filter((run) => run.idempotencyKey !== null).map((run) => [keyText(run), run]));
  return (item) => {
    const own = byId.get(item.id);
    if (own !== undefined) return inserted(own.seq, own.acceptedAt.getTime(), own.expiresAt.getTime());
    const run = item.idempotencyKey === null ? undefined : byKey.get(keyText(item));
    if (run === undefined) return undefined;
    return run.requestHash === item.requestHash ? { kind: 'replayed', run } : { kind: 'key_reused' };
  };
}

function inserted(seq: number, acceptedAt: number, expiresAt: number): InsertResult {
  return { kind: 'inserted', seq, acceptedAt, expiresAt };
}

/** What the unique index is on. */
function keyText({ idempotencyKey, userId }: Pick<NewRun, 'idempotencyKey' | 'userId'>): string {
  return `${idempotencyKey} ${userId}`;
}

function timeoutMs(item: NewRun): number {
  return Math.round(item.queueTimeoutSeconds * 1_000);
}
