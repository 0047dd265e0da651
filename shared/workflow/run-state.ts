/** What a run can be. "Ready" (slot granted, no worker yet) is still `queued` to the user. */
export const RUN_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'timed_out'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** What happens to a run; each names the transition it causes. */
export type RunTransition = 'claim' | 'resume' | 'succeed' | 'fail' | 'cancel' | 'time_out' | 'retry';

/** The state machine as data: `from` states a transition is allowed in, and the state it leads to. Diagram: docs/architecture.md. */
export const RUN_TRANSITIONS: Record<RunTransition, { from: readonly RunStatus[]; to: RunStatus }> = {
  claim: { from: ['queued'], to: 'running' },
  resume: { from: ['running'], to: 'running' },
  succeed: { from: ['running'], to: 'succeeded' },
  fail: { from: ['running'], to: 'failed' },
  cancel: { from: ['queued', 'running'], to: 'cancelled' },
  time_out: { from: ['queued'], to: 'timed_out' },
  retry: { from: ['failed'], to: 'queued' },
};

/** States a run never leaves by itself (`failed` can be retried by its owner). */
export const FINAL_STATUSES: readonly RunStatus[] = ['succeeded', 'failed', 'cancelled', 'timed_out'];

export function isFinal(status: RunStatus): boolean {
  return FINAL_STATUSES.includes(status);
}
