import type { EventStreams } from '../../../redis/event-streams.ts';
import type { Admitted, EstimateCurve } from '../../../redis/results.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import { notWaitingAfter } from '../../../shared/protocol/event-order.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import type { CapacityLevel } from '../../../shared/workflow/capacity-level.ts';
import type { Placeable } from './placeable.ts';
import { queuePlace } from './queue-place.ts';

/** The sentence for somebody who has to wait. */
export function waitingText(level: CapacityLevel): string {
  return level === 'normal' ? TEXTS.queued : TEXTS.highDemand;
}

/**
 * Publishes WORKFLOW_QUEUED for every run that this admission has put into the queue, in one pipeline. `admitted.results`
 * belong to `runs` one by one. Nobody waits for it and it never throws: an event that is lost with Redis is made good by
 * the snapshot the user's socket gets then. Call it as soon as the admission is answered: when the run starts first, it is not told.
 */
export function announceQueued(
  deps: { events: Pick<EventStreams, 'publish'>; log: Logger },
  runs: readonly Placeable[],
  admitted: Admitted,
  curve: EstimateCurve | null,
): void {
  const message = waitingText(admitted.level);
  const events = runs.flatMap((run, index) => {
    const result = admitted.results[index];
    if (result?.kind !== 'queued' || result.alreadyKnown) return [];
    const data = {
      message,
      run_id: run.runId,
      workflow_id: run.workflowId,
      workflow_name: run.workflowName,
      priority: run.priority,
      ...queuePlace(result.position, result.expiresAt, curve),
    };
    const notAfter = notWaitingAfter(run.runId, run.attemptFloor);
    return [
      { userId: run.userId, type: 'WORKFLOW_QUEUED' as const, data, notAfter, traceparent: run.traceParent ?? null },
    ];
  });
  if (events.length === 0) return;
  deps.events.publish(events).catch((error: unknown) => {
    deps.log.warn('events not published', { type: 'WORKFLOW_QUEUED', count: events.length, error });
  });
}
