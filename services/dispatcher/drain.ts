import type { RunQueue } from '../../redis/run-queue.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { QueueTimeout } from './queue-timeout.ts';
import type { RoundResult } from './round.ts';

/** Runs granted and expired by one script call at most: Redis stays free for others, and a full batch is followed by the next at once. */
const DEQUEUE_BATCH = 100;

export interface DrainDeps {
  queue: Pick<RunQueue, 'dequeue'>;
  queueTimeout: Pick<QueueTimeout, 'apply'>;
  log: Logger;
}

/**
 * Gives free slots to those who wait longest and ends waits that are over; one script decides both, so no run is both. Granted
 * runs reach a worker through the ready list, which the script fills.
 */
export class Drain {
  constructor(private readonly deps: DrainDeps) {}

  async round(epoch: number): Promise<RoundResult> {
    const dequeued = await this.deps.queue.dequeue(epoch, DEQUEUE_BATCH);
    if (dequeued.kind !== 'dequeued') return dequeued;
    for (const { runId } of dequeued.granted) this.deps.log.debug('slot granted', { run_id: runId, epoch });
    // If this fails, or the process dies before it, Redis has forgotten these runs and the next reconcile finds them in Postgres.
    await this.deps.queueTimeout.apply(dequeued.expired.map((run) => run.runId));
    return { kind: 'done', nextInMs: dequeued.nextInMs };
  }
}
