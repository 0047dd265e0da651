import type { LeanRun } from '../../../db/repositories/run-row.ts';
import type { Runs } from '../../../db/repositories/runs.ts';
import type { RunQueue } from '../../../redis/run-queue.ts';
import type { QueuePlace } from '../../../shared/protocol/http.ts';
import type { CapacityView } from './capacity-view.ts';
import { queuePlace } from './queue-place.ts';
import type { QueuePlaces } from './queue-places.ts';

export interface QueueListingDeps {
  runs: Pick<Runs, 'list' | 'getMany' | 'queuedAll'>;
  queue: Pick<RunQueue, 'listQueued'>;
  places: Pick<QueuePlaces, 'of'>;
  view: Pick<CapacityView, 'readNow' | 'curve'>;
}

export interface QueuePage {
  /** Waiting runs of everybody; null: Redis is away. */
  length: number | null;
  entries: Array<{ run: LeanRun; place: QueuePlace }>;
  /** Whether there are entries behind these. */
  more: boolean;
}

/** Waiting runs of one user that are read at most; far beyond any sensible `queue_max_per_user`. */
const MAX_OWN = 1_000;

/** The queue as people look at it, in its order. */
export class QueueListing {
  constructor(private readonly deps: QueueListingDeps) {}

  /** `offset`: places to skip. */
  async ofUser(userId: string, page: { offset: number; limit: number }): Promise<QueuePage> {
    const runs = await this.deps.runs.list({ userId, status: 'queued', limit: MAX_OWN });
    const [placeOf, length] = await Promise.all([this.deps.places.of(runs), this.length()]);
    const entries = runs.flatMap((run) => {
      const place = placeOf.get(run.id);
      return place === undefined ? [] : [{ run, place }];
    });
    // Without positions (Redis away) the order of acceptance is the best that is known.
    entries.sort((a, b) => (a.place.position ?? 0) - (b.place.position ?? 0) || a.run.seq - b.run.seq);
    const shown = entries.slice(page.offset, page.offset + page.limit);
    return { length, entries: shown, more: entries.length > page.offset + page.limit };
  }

  async all(page: { offset: number; limit: number }): Promise<QueuePage> {
    const [ids, length] = await Promise.all([this.idsOf(page.offset, page.limit + 1), this.length()]);
    if (ids === null || length === null) return this.withoutRedis(page.limit);
    const shown = ids.slice(0, page.limit);
    const [runs, curve] = await Promise.all([this.deps.runs.getMany(shown), this.deps.view.curve()]);
    const byId = new Map(runs.map((run) => [run.id, run]));
    const entries = shown.flatMap((id, index) => {
      const run = byId.get(id);
      return run === undefined ? [] : [{ run, place: queuePlace(page.offset + index + 1, run.expiresAt, curve) }];
    });
    return { length, entries, more: ids.length > page.limit };
  }

  private async idsOf(offset: number, count: number): Promise<string[] | null> {
    try {
      return await this.deps.queue.listQueued(offset, count);
    } catch {
      return null;
    }
  }

  private async withoutRedis(limit: number): Promise<QueuePage> {
    const runs = await this.deps.runs.queuedAll({ limit });
    const entries = runs.map((run) => ({ run, place: queuePlace(null, run.expiresAt, null) }));
    return { length: null, entries, more: false };
  }

  private async length(): Promise<number | null> {
    const reading = await this.deps.view.readNow();
    return reading.kind === 'state' ? reading.queueLength : null;
  }
}
