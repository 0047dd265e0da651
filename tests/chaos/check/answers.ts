import type { Evidence } from '../evidence/evidence.ts';
import type { Violation } from './violation.ts';

/** Whatever breaks, a client hears either an answer or when to come back. */
export function checkAnswers({ starts, answers }: Evidence): Violation[] {
  return [...starts, ...answers]
    .filter(({ status, retryAfter }) => status >= 500 && !(status === 503 && retryAfter !== null && retryAfter > 0))
    .map(({ kind, user, door, at, status, code, retryAfter }) => ({
      promise: 'answers',
      about: `${kind} of ${user} at ${door} got ${status} ${code}${retryAfter === null ? '' : `, Retry-After ${retryAfter}`} at ${at}`,
    }));
}
