import { jsonText } from '../json-text.ts';
import type { Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';

/** How the cluster fared in the `resolution` seconds from `at`. Counts are sums over all replicas; null: not known. */
export interface Sample {
  at: Date;
  /** Length of the slot (s). */
  resolution: number;
  /** Of those, seconds that were observed. */
  seconds: number;
  /** Greatest of the slot, as are the next five. */
  users: number | null;
  maxUsers: number | null;
  slots: number | null;
  maxSlots: number | null;
  queueLength: number | null;
  /** Rank of the capacity level. */
  level: number | null;
  sockets: number | null;
  started: number;
  finished: number;
  failed: number;
  requests: number;
  /** Requests answered with 5xx. */
  errors: number;
  /** Requests per latency bucket, and above the last. */
  latency: number[];
  /** Seconds per component, in the order of COMPONENTS. */
  degraded: number[];
  down: number[];
}

const COLUMNS = `at, resolution, seconds, users, max_users AS "maxUsers", slots, max_slots AS "maxSlots", queue_length AS "queueLength",
  level, sockets, started, finished, failed, requests, errors, latency, degraded, down`;

const STORE: Statement = {
  name: 'samples.store',
  text: `
    INSERT INTO samples (at, resolution, seconds, users, max_users, slots, max_slots, queue_length, level, sockets, started, finished,
      failed, requests, errors, latency, degraded, down)
    SELECT s.at, s.resolution, s.seconds, s.users, s."maxUsers", s.slots, s."maxSlots", s."queueLength", s.level, s.sockets, s.started,
      s.finished, s.failed, s.requests, s.errors, s.latency, s.degraded, s.down
    FROM jsonb_to_recordset($1::jsonb) AS s(
      at timestamptz, resolution integer, seconds integer, users integer, "maxUsers" integer, slots integer, "maxSlots" integer,
      "queueLength" integer, level integer, sockets integer, started integer, finished integer, failed integer, requests integer,
      errors integer, latency integer[], degraded integer[], down integer[]
    )
    ON CONFLICT (resolution, at) DO NOTHING`,
};

const READ: Statement = {
  name: 'samples.read',
  text: `SELECT ${COLUMNS} FROM samples WHERE resolution = $1 AND at >= $2 AND at < $3 ORDER BY at LIMIT $4`,
};

const EDGE: Statement = {
  name: 'samples.edge',
  text: 'SELECT min(at) AS first, max(at) AS last FROM samples WHERE resolution = $1',
};

const PRUNE: Statement = {
  name: 'samples.prune',
  text: `
    DELETE FROM samples WHERE resolution = $1 AND at IN (
      SELECT at FROM samples WHERE resolution = $1 AND at < $2 ORDER BY at LIMIT $3
    ) RETURNING 1`,
};

/** Table `samples`: the past of the cluster in slots, finer ones for a shorter time. */
export class Samples {
  constructor(private readonly postgres: Postgres) {}

  /** A slot that is there already stays as it is. */
  async store(samples: readonly Sample[]): Promise<void> {
    if (samples.length > 0) await this.postgres.run(STORE, [jsonText(samples)]);
  }

  /** Slots that begin in [from, to), oldest first, at most `limit`. */
  read(resolution: number, from: Date, to: Date, limit: number): Promise<Sample[]> {
    return this.postgres.run<Sample>(READ, [resolution, from, to, limit]);
  }

  /** Beginnings of the first and the last slot; null: there are none. */
  async edges(resolution: number): Promise<{ first: Date; last: Date } | null> {
    const [row] = await this.postgres.run<{ first: Date | null; last: Date | null }>(EDGE, [resolution]);
    return row?.first && row.last ? { first: row.first, last: row.last } : null;
  }

  /** Deletes slots that begin before that, at most `limit`, oldest first; answers how many. */
  async prune(resolution: number, before: Date, limit: number): Promise<number> {
    return (await this.postgres.run(PRUNE, [resolution, before, limit])).length;
  }
}
