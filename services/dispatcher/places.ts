import type { LeanRun } from '../../db/repositories/run-row.ts';
import type { Runs } from '../../db/repositories/runs.ts';
import { queueScore } from '../../redis/admit-arguments.ts';
import type { EventStreams } from '../../redis/event-streams.ts';
import type { RunQueue } from '../../redis/run-queue.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import { endedWaiting, endOf } from './retelling.ts';
import { toAdmitEntry } from './to-admit-entry.ts';

/** Places looked at together. */
const PAGE = 1_000;

export interface PlacesDeps {
  runs: Pick<Runs, 'getMany'>;
  queue: Pick<RunQueue, 'page' | 'cancel' | 'move'>;
  events: Pick<EventStreams, 'publish'>;
  log: Logger;
}

/**
 * Finds places in the queue of whose runs Postgres says something else, as Redis was not told: a cancel or another priority that hung in
 * Postgres until nobody waited for it any more, however long ago by its own clock, or whose replica died before it could pass it on.
 * The queue moves while it is read: what is missed is found by the next round, and so is a priority that changes in the same moment.
 */
export class Places {
  constructor(private readonly deps: PlacesDeps) {}

  /** `waiting`: all runs that waited in Postgres just before, with their {@link dueScore}. */
  async round(waiting: ReadonlyMap<string, number>): Promise<void> {
    for (let offset = 0; ; offset += PAGE) {
      const placed = await this.deps.queue.page(offset, PAGE);
      const doubtful = new Map<string, number>();
      for (const { runId, score } of placed) if (waiting.get(runId) !== score) doubtful.set(runId, score);
      // Read again: the queue may know what those who read Postgres before could not.
      const runs = await this.deps.runs.getMany([...doubtful.keys()]);
      await this.giveUp(runs.filter(endedWaiting));
      await this.move(runs.filter((run) => !endedWaiting(run) && dueScore(run) !== doubtful.get(run.id)));
      if (placed.length < PAGE) return;
    }
  }

  /** The ends are told, then the places are given up, so that whoever dies in between leaves something to be found. */
  private async giveUp(ended: LeanRun[]): Promise<void> {
    if (ended.length === 0) return;
    const run_ids = ended.map(({ id }) => id);
    this.deps.log.warn('runs that have ended had a place in the queue', { run_ids });
    await this.deps.events.publish(ended.flatMap(endOf));
    await Promise.all(run_ids.map((runId) => this.deps.queue.cancel(runId)));
  }

  private async move(misplaced: LeanRun[]): Promise<void> {
    if (misplaced.length === 0) return;
    this.deps.log.warn('waiting runs had the place of another priority', { run_ids: misplaced.map(({ id }) => id) });
    await Promise.all(misplaced.map((run) => this.deps.queue.move(toAdmitEntry(run))));
  }
}

/** Where the queue must have a run, by what Postgres says of it. */
export function dueScore(run: LeanRun): number {
  return queueScore(toAdmitEntry(run));
}
