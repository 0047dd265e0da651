import type { EventFrame, EventType } from '../../shared/protocol/events.ts';
import { deferred } from './deferred.ts';

export type RunEnd = 'succeeded' | 'cancelled' | 'failed' | 'timed_out';

const ENDS: Partial<Record<EventType, RunEnd>> = {
  WORKFLOW_COMPLETED: 'succeeded',
  WORKFLOW_CANCELLED: 'cancelled',
  WORKFLOW_FAILED: 'failed',
  WORKFLOW_QUEUE_TIMEOUT: 'timed_out',
};

/** One run as its owner is told of it: queued?, starting, steps in order, one end. Times in Unix ms. */
export class RunCheck {
  readonly faults: string[] = [];
  queuedHeard = false;
  /** null: not yet, or while there was no socket to hear it on. */
  startingAt: number | null = null;
  end: RunEnd | null = null;
  private started = false;
  private step = -1;
  private readonly ended = deferred();

  constructor(readonly runId: string) {}

  get whenEnded(): Promise<void> {
    return this.ended.promise;
  }

  /** `heardAt` null: the news had waited for a socket, so when they were heard says nothing of how quick they were. */
  arrive(frame: EventFrame, heardAt: number | null): void {
    if (this.end !== null && frame.type.startsWith('WORKFLOW_')) this.faults.push(`${frame.type} after its end`);
    const end = ENDS[frame.type];
    if (end !== undefined) {
      if (end === 'succeeded' && !this.started) this.faults.push('finished without WORKFLOW_STARTING');
      this.end = end;
      this.ended.resolve();
    } else if (frame.type === 'WORKFLOW_QUEUED') {
      if (this.started && this.step < 0) this.faults.push('WORKFLOW_QUEUED after WORKFLOW_STARTING');
      this.queuedHeard = true;
    } else if (frame.type === 'WORKFLOW_STARTING') {
      if (!this.started) this.startingAt = heardAt;
      this.started = true;
      // After an interruption it goes on from its last step.
      if (frame.data.attempt > 1) this.step = -1;
    } else if (frame.type === 'WORKFLOW_STEP') {
      if (!this.started) this.faults.push('a step before WORKFLOW_STARTING');
      if (frame.data.index < this.step) this.faults.push(`step ${frame.data.index} after step ${this.step}`);
      this.step = frame.data.index;
    }
  }
}
