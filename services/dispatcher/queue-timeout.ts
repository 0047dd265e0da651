import type { LeanRun } from '../../db/repositories/run-row.ts';
import type { Runs } from '../../db/repositories/runs.ts';
import type { EventStreams, UserEvent } from '../../redis/event-streams.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { pastSpan } from '../../shared/observability/tracing/spans.ts';
import { TEXTS } from '../../shared/protocol/texts.ts';

/** Runs asked for at once when looking back. */
const LOOK_BACK_PAGE = 100;
/** How far back (ms) events are repeated: longer than the time between two looks, or without a leader. */
const LOOK_BACK_MS = 30_000;

export interface QueueTimeoutDeps {
  runs: Pick<Runs, 'timeOut' | 'list'>;
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
    await this.deps.events.publish(ended.map(toEvent));
  }

  /**
   * Publishes the events of recent time-outs again, for those that were lost between Postgres and Redis; all others are
   * swallowed by their dedupe id. `now`: Unix ms.
   */
  async repeatEvents(now: number): Promise<void> {
    const isRecent = (run: LeanRun) => (run.finishedAt?.getTime() ?? 0) > now - LOOK_BACK_MS;
    let before: number | undefined;
    for (;;) {
      const page = await this.deps.runs.list({
        userId: null,
        status: 'timed_out',
        limit: LOOK_BACK_PAGE,
        ...(before !== undefined && { before }),
      });
      await this.deps.events.publish(page.filter(isRecent).map(toEvent));
      // Waits end about in the order in which they began, so beyond a page of older ones there is nothing recent.
      if (page.length < LOOK_BACK_PAGE || !page.some(isRecent)) return;
      before = page.at(-1)?.seq;
    }
  }
}

function toEvent(run: LeanRun): UserEvent {
  const endedAt = run.finishedAt ?? run.expiresAt;
  return {
    userId: run.userId,
    type: 'WORKFLOW_QUEUE_TIMEOUT',
    data: {
      message: TEXTS.queueTimeout,
      run_id: run.id,
      workflow_id: run.workflowId,
      workflow_name: run.workflowName,
      waited_seconds: Math.round((endedAt.getTime() - run.acceptedAt.getTime()) / 1000),
    },
    dedupeId: `${run.id}:WORKFLOW_QUEUE_TIMEOUT:${run.attempt}`,
    traceparent: run.traceParent,
  };
}
