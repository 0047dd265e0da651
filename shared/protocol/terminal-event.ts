import type { RunStatus } from '../workflow/run-state.ts';
import { eventId } from './event-order.ts';
import type { EventData } from './events.ts';
import { TEXTS } from './texts.ts';

/** What must be known of a run to tell its end. */
export interface EndedRun {
  id: string;
  userId: string;
  workflowId: string;
  workflowName: string;
  status: RunStatus;
  attempt: number;
  acceptedAt: Date;
  finishedAt: Date | null;
  result: unknown;
  error: { reason: string; step: string | null } | null;
}

type TerminalType = 'WORKFLOW_COMPLETED' | 'WORKFLOW_FAILED' | 'WORKFLOW_CANCELLED' | 'WORKFLOW_QUEUE_TIMEOUT';

export type TerminalEvent = {
  [Type in TerminalType]: { userId: string; type: Type; data: EventData<Type>; dedupeId: string };
}[TerminalType];

/**
 * The event that tells a run's end; null while it has none. Whoever finds an ended run may publish it (the worker, the api that
 * cancels, the rescuer of a worker that died in between): the dedupe id is the same, so the user hears it once. It carries the
 * attempt because a failed run that is retried ends again.
 */
export function terminalEvent(run: EndedRun): TerminalEvent | null {
  const about = { run_id: run.id, workflow_id: run.workflowId, workflow_name: run.workflowName };
  const common = <Type extends TerminalType>(type: Type) => ({
    userId: run.userId,
    type,
    dedupeId: eventId(run.id, type, run.attempt),
  });
  switch (run.status) {
    case 'succeeded':
      return { ...common('WORKFLOW_COMPLETED'), data: { message: TEXTS.completed, ...about, result: run.result } };
    case 'failed': {
      const { reason, step } = run.error ?? { reason: TEXTS.failed, step: null };
      return { ...common('WORKFLOW_FAILED'), data: { message: TEXTS.failed, ...about, reason, step } };
    }
    case 'cancelled':
      return { ...common('WORKFLOW_CANCELLED'), data: { message: TEXTS.cancelled, ...about } };
    case 'timed_out': {
      const waitedMs = (run.finishedAt ?? run.acceptedAt).getTime() - run.acceptedAt.getTime();
      return {
        ...common('WORKFLOW_QUEUE_TIMEOUT'),
        data: { message: TEXTS.queueTimeout, ...about, waited_seconds: Math.round(waitedMs / 1_000) },
      };
    }
    default:
      return null;
  }
}
