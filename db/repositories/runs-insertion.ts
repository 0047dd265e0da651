import type { Priority } from '../../shared/workflow/priority.ts';
import { plainArray, textArray } from '../array-literal.ts';
import { jsonText } from '../json-text.ts';
import type { Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';
import { COLUMNS, hasStatus, type RunRow } from './run-row.ts';

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
   * ordered by `seq`. Safe to repeat with the same ids. Rejects with `storage_unavailable` within a second.
   */
  insertBatch(items: readonly NewRun[]): Promise<InsertResult[]>;
  /** Deletes runs that were inserted and then had no place in the queue. Only what never left the queue; others stay. */
  removeRefused(ids: readonly string[]): Promise<void>;
}

/**
 * The answer is one row whatever the size of the group: parsing two hundred rows would cost more than everything else here does.
 * `seq` is drawn in the order of `ord`, so the sorted numbers belong to the items in order, provided that all were inserted.
 * No conflict target: a repeat conflicts on the primary key, a replay on the idempotency key.
 */
const INSERT: Statement = {
  name: 'runs.insert',
  text: `
    WITH inserted AS (
      INSERT INTO runs (id, workflow_id, accepted_at, expires_at, updated_at, max_attempts, step_count,
                        priority, user_id, workflow_name, request_hash, idempotency_key, correlation_id, payload)
      SELECT id, workflow_id, date_trunc('milliseconds', now()),
             date_trunc('milliseconds', now()) + timeout_ms * interval '1 millisecond', now(), max_attempts, step_count,
             priority, user_id, workflow_name, request_hash, idempotency_key, correlation_id, payload
      FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::text[],
                  $9::text[], $10::text[], $11::text[], $12::jsonb[])
        WITH ORDINALITY AS item(id, workflow_id, timeout_ms, max_attempts, step_count, priority, user_id, workflow_name,
                                request_hash, idempotency_key, correlation_id, payload, ord)
      ORDER BY ord
      ON CONFLICT DO NOTHING
      RETURNING seq
    )
    SELECT (extract(epoch FROM date_trunc('milliseconds', now())) * 1000)::bigint AS "acceptedAt",
           string_agg(seq::text, ',' ORDER BY seq) AS seqs
    FROM inserted`,
};

/** Runs of the group that are in the table, by their own id or by a key of the same user. */
const FIND_EXISTING: Statement = {
  name: 'runs.findExisting',
  text: `
    SELECT ${COLUMNS.full} FROM runs r WHERE r.id = ANY ($1::uuid[])
    UNION ALL
    SELECT ${COLUMNS.full} FROM runs r
    WHERE r.idempotency_key || ' ' || r.user_id = ANY ($2::text[]) AND r.idempotency_key IS NOT NULL
      AND NOT r.id = ANY ($1::uuid[])`,
};

const REMOVE_REFUSED: Statement = {
  name: 'runs.removeRefused',
  text: `DELETE FROM runs r WHERE r.id = ANY ($1::uuid[]) AND ${hasStatus('queued')} AND r.attempt = 0`,
};

/** The run a key belongs to can be removed (refused) between our two statements; then the key is free and the item is inserted after all. */
const MAX_ROUNDS = 5;

export function runInsertion(postgres: Postgres): RunInsertion {
  return {
    async insertBatch(items) {
      const results: InsertResult[] = new Array(items.length);
      let open = inSafeOrder(items);
      for (let round = 0; open.length > 0; round++) {
        if (round === MAX_ROUNDS) throw new Error(`${open.length} runs conflict with runs that are not there`);
        const { acceptedAt, seqs } = await insert(postgres, open);
        if (seqs.length === open.length) {
          open.forEach(({ item, index }, position) => {
            results[index] = inserted(seqs[position] as number, acceptedAt, acceptedAt + timeoutMs(item));
          });
          return results;
        }
        const judge = await existing(postgres, open);
        open = open.filter(({ item, index }) => {
          const result = judge(item);
          if (result !== undefined) results[index] = result;
          return result === undefined;
        });
      }
      return results;
    },
    async removeRefused(ids) {
      if (ids.length > 0) await postgres.run(REMOVE_REFUSED, [plainArray(ids)]);
    },
  };
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

async function insert(postgres: Postgres, places: readonly Place[]): Promise<{ acceptedAt: number; seqs: number[] }> {
  const column = <Value>(value: (item: NewRun) => Value) => places.map(({ item }) => value(item));
  const [row] = await postgres.run<{ acceptedAt: number; seqs: string | null }>(INSERT, [
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
    textArray(column((item) => jsonText(item.payload))),
  ]);
  return { acceptedAt: row?.acceptedAt ?? 0, seqs: row?.seqs ? row.seqs.split(',').map(Number) : [] };
}

/** Tells of any item of the group what the table holds for it; undefined: nothing. */
async function existing(
  postgres: Postgres,
  places: readonly Place[],
): Promise<(item: NewRun) => InsertResult | undefined> {
  const keyed = places.filter(({ item }) => item.idempotencyKey !== null);
  const rows = await postgres.run<RunRow>(FIND_EXISTING, [
    plainArray(places.map(({ item }) => item.id)),
    textArray(keyed.map(({ item }) => keyText(item))),
  ]);
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
