import type { Runs } from '../../db/repositories/runs.ts';
import type { EventStreams } from '../../redis/event-streams.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { pastSpan } from '../../shared/observability/tracing/spans.ts';
import { endOf } from './retelling.ts';

export interface QueueTimeoutDeps {
  runs: Pick<Runs, 'timeOut'>;
  events: Pick<EventStreams, 'publish'>;
  metrics: Metrics['runs'];
  log: Logger;
}

/** Ends runs whose wait is over: `queued → timed_out` in Postgres, then the event. */
export class QueueTimeout {
  constructor(private readonly deps: QueueTimeoutDeps) {}

  /**
   * Postgres changes only runs that are still queued, so a claim, a cancel and another leader's time-out exclude each other,
   * whatever Redis said before.
   */
  async apply(runIds: readonly string[]): Promise<void> {
    if (runIds.length === 0) return;
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
  }
}
