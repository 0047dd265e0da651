import type { EventFrame } from '../../../shared/protocol/events.ts';

/** Whether a frame is worth a line to somebody who follows `runId`: its own, and what concerns everybody. */
export function concernsRun(frame: EventFrame, runId: string): boolean {
  switch (frame.type) {
    case 'SNAPSHOT':
    case 'RESUMED':
    case 'HEARTBEAT':
    case 'PONG':
      return false;
    case 'WORKFLOW_POSITION':
      return frame.data.runs.some((run) => run.run_id === runId);
    default:
      return !('run_id' in frame.data) || frame.data.run_id === runId;
  }
}
