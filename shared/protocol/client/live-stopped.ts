import type { StopReason } from './live-state.ts';

/** A loop over the frames of a connection that will not come back by itself. */
export class LiveStopped extends Error {
  override readonly name = 'LiveStopped';

  constructor(readonly reason: StopReason) {
    super(describe(reason));
  }
}

function describe(reason: StopReason): string {
  if (reason.kind === 'asked') return 'The live connection was stopped.';
  if (reason.kind === 'closed') return `The server closed the live connection: ${reason.reason || reason.code}.`;
  return reason.problem?.detail ?? `The server refused the live connection with status ${reason.status}.`;
}
