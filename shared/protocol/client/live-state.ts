import type { ProblemDocument } from '../../errors/problem.ts';

/** Why a connection stopped for good. */
export type StopReason =
  /** `stop()` was called. */
  | { kind: 'asked' }
  /** The server closed with a code that says: do not come back. */
  | { kind: 'closed'; code: number; reason: string }
  /** The server refuses this caller; `problem` is null where the platform hides the answer. */
  | { kind: 'refused'; status: number; problem: ProblemDocument | null };

/**
 * `connecting`: asking for an endpoint, dialling, or waiting for the first frame. `live`: events arrive. `waiting`: the next
 * attempt is made at `until` (Unix ms). `stopped`: never again by itself.
 */
export type LiveState =
  | { kind: 'idle' }
  | { kind: 'connecting'; attempt: number }
  | { kind: 'live'; replica: string; recovered: boolean }
  | { kind: 'waiting'; until: number; reason: string }
  | { kind: 'stopped'; reason: StopReason };
