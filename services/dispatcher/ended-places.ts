import type { Runs } from '../../db/repositories/runs.ts';
import type { EventStreams } from '../../redis/event-streams.ts';
import type { RunQueue } from '../../redis/run-queue.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import { endedWaiting, endOf } from './retelling.ts';

/** Places looked at together. */
const PAGE = 1_000;

export interface EndedPlacesDeps {
  runs: Pick<Runs, 'getMany'>;
  queue: Pick<RunQueue, 'listQueued' | 'cancel'>;
  events: Pick<EventStreams, 'publish'>;
  log: Logger;
}

/**
 * Finds places in the queue whose runs ended without Redis being told: a cancel that hung in Postgres until nobody waited for it any more,
 * however long ago by its own clock, or one whose replica died before it could pass it on. The end is told, then the place is given up,
 * so that whoever dies in between leaves something to be found. The queue moves while it is read: what is missed is found by the next round.
 */
export class EndedPlaces {
  constructor(private readonly deps: EndedPlacesDeps) {}

  /** `waiting`: ids of all runs that waited in Postgres just before. */
  async round(waiting: ReadonlySet<string>): Promise<void> {
    for (let offset = 0; ; offset += PAGE) {
      const placed = await this.deps.queue.listQueued(offset, PAGE);
      await this.giveUp(placed.filter((runId) => !waiting.has(runId)));
      if (placed.length < PAGE) return;
    }
  }

  private async giveUp(doubtful: string[]): Promise<void> {
    const ended = (await this.deps.runs.getMany(doubtful)).filter(endedWaiting);
    if (ended.length === 0) return;
    const run_ids = ended.map(({ id }) => id);
    this.deps.log.warn('runs that have ended had a place in the queue', { run_ids });
    await this.deps.events.publish(ended.flatMap(endOf));
    await Promise.all(run_ids.map((runId) => this.deps.queue.cancel(runId)));
  }
}
