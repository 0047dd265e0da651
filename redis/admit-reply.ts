import type { AdmitResult } from './results.ts';

/** Codes of a run in the answer of `admitRuns`; the queued ones are followed by position and expiry. */
const CODE = { started: 0, queued: 1, knownQueued: 2, userQueueFull: 3, queueFull: 4 } as const;

const STARTED: AdmitResult = { kind: 'started' };
const USER_QUEUE_FULL: AdmitResult = { kind: 'user_queue_full' };
const QUEUE_FULL: AdmitResult = { kind: 'queue_full' };

/** The results in a flat answer, from index `from` on. */
export function readAdmissions(reply: readonly number[], from: number): AdmitResult[] {
  const results: AdmitResult[] = [];
  for (let at = from; at < reply.length; at++) {
    const code = reply[at];
    if (code === CODE.started) results.push(STARTED);
    else if (code === CODE.userQueueFull) results.push(USER_QUEUE_FULL);
    else if (code === CODE.queueFull) results.push(QUEUE_FULL);
    else {
      const position = reply[at + 1] ?? 0;
      const expiresAt = reply[at + 2] ?? 0;
      results.push({ kind: 'queued', position, expiresAt, alreadyKnown: code === CODE.knownQueued });
      at += 2;
    }
  }
  return results;
}
