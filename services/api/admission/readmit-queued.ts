import type { Runs } from '../../../db/repositories/runs.ts';
import type { Admitted } from '../../../redis/results.ts';
import { type Placeable, placeableOf } from './placeable.ts';

/** Entries in one admit script: some milliseconds of Redis, and nobody else is served meanwhile. */
const PAGE = 500;

/**
 * Other replicas accepted runs during the same outage, some of them before us. Acceptance times are all Postgres's, so
 * this only has to cover how much later than theirs our first run without a place came (ms).
 */
const OTHERS_EARLIER_MS = 10_000;

export interface ReadmitOptions {
  runs: Pick<Runs, 'queuedAll'>;
  /** Unix ms: acceptance of the first run this replica could not place. */
  since: number;
  /** null: Redis could not be asked. */
  admit(runs: Placeable[]): Promise<Admitted | null>;
}

/**
 * Admits every queued run of an outage, of all replicas, in the order of acceptance. Postgres is read instead of the
 * replica's own list because each replica knows only its own: run 1 and 4 here, 2 and 5 there, and whoever is back first
 * would start 1 and 4 before 2. Admission is idempotent, so that all replicas do it at once is only work.
 * Resolves to false when Redis is not back yet; rejects when Postgres cannot be read.
 */
export async function readmitQueued(options: ReadmitOptions): Promise<boolean> {
  let after = { acceptedAt: new Date(options.since - OTHERS_EARLIER_MS), seq: 0 };
  for (;;) {
    const page = await options.runs.queuedAll({ after, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return true;
    const admitted = await options.admit(page.map((run) => ({ ...placeableOf(run), promised: true })));
    if (admitted === null) return false;
    if (page.length < PAGE) return true;
    after = { acceptedAt: last.acceptedAt, seq: last.seq };
  }
}
