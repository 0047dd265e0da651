import type { Runs } from '../../db/repositories/runs.ts';
import type { EventStreams } from '../../redis/event-streams.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { pastSpan } from '../../shared/observability/tracing/spans.ts';
import { endedWaiting, endOf } from './retelling.ts';

export interface QueueTimeoutDeps {
  runs: Pick<Runs, 'timeOut' | 'getMany'>;
  events: Pick<EventStreams, 'publish'>;
  metrics: Metrics['runs'];
  log: Logger;
}

/** Ends runs whose wait is over: `queued → timed_out` in Postgres, then the event. */
export class QueueTimeout {
  /** Runs that Redis has forgotten, as their wait is over, while nobody knows yet how they ended. */
  private readonly owed = new Set<string>();

  constructor(private readonly deps: QueueTimeoutDeps) {}

  /**
   * Postgres changes only runs that are still queued, so a claim, a cancel and another leader's time-out exclude each other,
   * whatever Redis said before.
   */
  async apply(runIds: readonly string[]): Promise<void> {
    if (runIds.length === 0) return;
    for (const id of runIds) this.owed.add(id);
    const ended = await this.deps.runs.timeOut(runIds);
    for (const run of ended) {
      const { id, userId, correlationId } = run;
      this.deps.metrics.ended(run);
      pastSpan('queue', {
        parent: run.traceParent,
        startedAt: run.acceptedAt.getTime(),
        endedAt: (run.finishedAt ?? run.expiresAt).getTime(),
        attributes: { 'weir.run.id': id, 'weir.run.priority': run.priority },
        failure: 'the run waited too long',
      });
      this.deps.log.info('run waited too long', { run_id: id, user_id: userId, correlation_id: correlationId });
    }
    await this.deps.events.publish(ended.flatMap(endOf));
    for (const { id } of ended) this.owed.delete(id);
    await this.tellOwed();
  }

  /** Tells how runs ended whose time-out was not answered, or came after another end: a cancel that hung in Postgres, say. */
  async tellOwed(): Promise<void> {
    const ids = [...this.owed];
    const runs = await this.deps.runs.getMany(ids);
    await this.deps.events.publish(runs.filter(endedWaiting).flatMap(endOf));
    const undecided = new Set(runs.filter(({ status }) => status === 'queued').map(({ id }) => id));
    for (const id of ids) if (!undecided.has(id)) this.owed.delete(id);
  }
}
