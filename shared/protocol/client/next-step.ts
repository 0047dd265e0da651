import { mayReconnect } from '../close-codes.ts';
import { ApiProblem } from './api-problem.ts';
import type { StopReason } from './live-state.ts';
import type { Refusal } from './refusal.ts';
import type { SocketEnd } from './socket-life.ts';

/** How an attempt to be connected ended: with its socket, with a hole in the stream, or before there was a socket. */
export type AttemptEnd = SocketEnd | { kind: 'gap' } | { kind: 'no_endpoint'; error: unknown };

export type NextStep =
  | { kind: 'stop'; reason: StopReason }
  /** `unauthenticated`: worth one more try with a fresh proof, not more. */
  | { kind: 'retry'; why: string; retryAfterMs: number; unauthenticated: boolean };

/** Answers to a handshake that no repeat of it can change. */
const FINAL_STATUSES = [400, 403, 404, 405, 426];

/** The duty of a client after an attempt; `wasUnauthenticated`: the attempt before ended with 401 too. */
export function nextStep(end: AttemptEnd, wasUnauthenticated: boolean): NextStep {
  switch (end.kind) {
    case 'left':
      return { kind: 'stop', reason: { kind: 'asked' } };
    case 'closed':
      return mayReconnect(end.code)
        ? retry(end.reason === '' ? `closed with code ${end.code}` : end.reason)
        : { kind: 'stop', reason: { kind: 'closed', code: end.code, reason: end.reason } };
    case 'silent':
      return retry('nothing heard from the server');
    case 'gap':
      return retry('an event was missing');
    case 'refused':
      return refused(end.refusal, wasUnauthenticated);
    case 'no_endpoint':
      // Whoever was asked for a ticket said no: that is the server's word on this caller.
      return end.error instanceof ApiProblem
        ? refused(end.error, wasUnauthenticated)
        : retry(end.error instanceof Error ? end.error.message : String(end.error));
  }
}

function refused(refusal: Refusal, wasUnauthenticated: boolean): NextStep {
  const { status, problem, retryAfterSeconds } = refusal;
  const final = FINAL_STATUSES.includes(status) || (status === 401 && wasUnauthenticated);
  if (final) return { kind: 'stop', reason: { kind: 'refused', status, problem } };
  return {
    kind: 'retry',
    why: problem?.detail ?? `refused with status ${status}`,
    retryAfterMs: (retryAfterSeconds ?? 0) * 1_000,
    unauthenticated: status === 401,
  };
}

function retry(why: string): NextStep {
  return { kind: 'retry', why, retryAfterMs: 0, unauthenticated: false };
}
