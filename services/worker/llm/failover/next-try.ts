import { fullJitter } from '../../../../shared/resilience/backoff.ts';
import { MAX_THROTTLE_MS } from '../endpoint/classify-error.ts';
import { MODEL_FAILURES, type ModelFailure } from '../model-failure.ts';

/** Calls of one step at most, to all providers together: with the pauses between them more than a step's default time. */
export const MAX_CALLS = 8;
/** Calls of one step to one provider while another one could be asked. */
const CALLS_BEFORE_OTHER = 2;
/** Pause before a repeat: full jitter over 500 ms, 1 s, 2 s, at most 4 s. */
const PAUSE_BASE_MS = 500;
const PAUSE_CAP_MS = 4_000;

/** How a step stands after a call that failed. */
export interface AfterFailure {
  failure: ModelFailure;
  /** Calls of this step so far. */
  calls: number;
  /** Those to the provider that has just failed. */
  callsToIt: number;
  /** Some of the answer has been shown, and is void now. */
  textSent: boolean;
  /** The call asked for the model with the longer context. */
  large: boolean;
  itHasLargeModel: boolean;
  /** Another provider is closed and can take the request. */
  otherClosed: boolean;
  /** Another provider, closed, has a model with a longer context. */
  otherHasLargeModel: boolean;
  /** Of the step's time (ms). */
  remainingMs: number;
  random?: (() => number) | undefined;
}

export type NextTry =
  /** The same provider again, if the cluster's retry budget has a place. */
  | { kind: 'repeat'; afterMs: number }
  | { kind: 'other' }
  /** The larger model: of the same provider, or of another one. */
  | { kind: 'larger'; sameProvider: boolean }
  | { kind: 'fail' };

/** What to do after a failure; a failure's class (MODEL_FAILURES) is the rule, this its circumstances. */
export function nextTry(state: AfterFailure): NextTry {
  const { failure, calls, otherClosed, remainingMs } = state;
  const { next } = MODEL_FAILURES[failure.kind];
  if (next === 'fail' || calls >= MAX_CALLS) return { kind: 'fail' };
  if (next === 'larger_model') return larger(state);
  // What was shown and taken back once is not risked with the same provider again.
  const leaves = next === 'other' || state.textSent || state.callsToIt >= CALLS_BEFORE_OTHER;
  if (otherClosed && leaves) return { kind: 'other' };
  const wishMs = failure.retryAfterMs ?? 0;
  // A long wait is kept only when there is nobody else to ask.
  if (otherClosed && (wishMs > MAX_THROTTLE_MS || wishMs >= remainingMs)) return { kind: 'other' };
  const afterMs = wishMs + fullJitter(state.callsToIt - 1, PAUSE_BASE_MS, PAUSE_CAP_MS, state.random);
  return afterMs >= remainingMs ? { kind: 'fail' } : { kind: 'repeat', afterMs };
}

function larger({ large, itHasLargeModel, otherHasLargeModel }: AfterFailure): NextTry {
  if (!large && itHasLargeModel) return { kind: 'larger', sameProvider: true };
  if (!large && otherHasLargeModel) return { kind: 'larger', sameProvider: false };
  return { kind: 'fail' };
}
