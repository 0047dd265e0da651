/** What can go wrong although every request was answered. */
export const FAULTS = {
  lost_run: 'accepted, and gone or never ended',
  lost_event: 'happened, and its owner was not told',
  repeated_event: 'told twice',
  out_of_order: 'told in the wrong order, or with a hole before it',
  double_run: 'one Idempotency-Key, two runs',
  not_resumed: 'a socket that came back did not go on where it was',
  failed_run: 'a run failed or waited too long',
  user_failed: 'a user could not go on',
} as const;
export type Fault = keyof typeof FAULTS;

export type Outcome = 'ok' | 'refused' | 'failed';

/** Spans of time that are measured besides requests (ms). */
export const SPANS = {
  start: 'POST to WORKFLOW_STARTING, slot free',
  start_queued: 'POST to WORKFLOW_STARTING, after waiting',
  notice: 'event made to event heard',
  connect: 'dial to first frame',
  resume: 'broken socket to RESUMED',
  message: 'chat message sent to heard by the other',
  pong: 'PING to PONG',
} as const;
export type Span = keyof typeof SPANS;

/** One thing a user saw. `at`: Unix ms of its end. `ms` never contains the latency that was added for the region; `addedMs` does. */
export type Sample =
  | {
      kind: 'request';
      at: number;
      ms: number;
      addedMs: number;
      route: string;
      status: number;
      outcome: Outcome;
      region: string;
    }
  | { kind: 'span'; at: number; ms: number; span: Span }
  | { kind: 'run'; at: number; end: 'succeeded' | 'cancelled' | 'failed' | 'timed_out' }
  | { kind: 'users'; at: number; change: 1 | -1 }
  | { kind: 'fault'; at: number; fault: Fault; detail: string };
