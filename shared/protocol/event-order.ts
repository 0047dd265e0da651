import type { EventType } from './events.ts';

/** Names the event that tells this of an attempt of a run, whoever tells it. A run that waits has the number of its last attempt, 0 at first. */
export function eventId(runId: string, type: EventType, attempt: number): string {
  return `${runId}:${type}:${attempt}`;
}

/**
 * Events after which nobody is told any more that the run waits for the attempt after `attempt`. Replicas tell of one run side by side: who accepted
 * it, who works on it, who cancelled it. What reaches Redis late would show people a run that begins after its end.
 */
export function notWaitingAfter(runId: string, attempt: number): string[] {
  return [
    eventId(runId, 'WORKFLOW_STARTING', attempt + 1),
    eventId(runId, 'WORKFLOW_CANCELLED', attempt),
    eventId(runId, 'WORKFLOW_QUEUE_TIMEOUT', attempt),
  ];
}

/** The same for news of the attempt under way. */
export function notRunningAfter(runId: string, attempt: number): string[] {
  return [
    eventId(runId, 'WORKFLOW_CANCELLED', attempt),
    eventId(runId, 'WORKFLOW_COMPLETED', attempt),
    eventId(runId, 'WORKFLOW_FAILED', attempt),
    eventId(runId, 'WORKFLOW_STARTING', attempt + 1),
  ];
}
