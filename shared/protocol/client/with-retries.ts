import { ApiProblem } from './api-problem.ts';
import { ApiUnreachable } from './api-unreachable.ts';
import { wait } from './wait.ts';

/** Tries in all; more would only add load to a service that says it has too much. */
const MAX_TRIES = 3;
/** A longer `Retry-After` is for people to decide: the caller gets the problem at once (seconds). */
const LONGEST_WAIT_SECONDS = 10;
/** First wait after no answer at all (ms); doubles. */
const UNREACHABLE_BASE_MS = 200;

export interface RetryOptions {
  signal?: AbortSignal | undefined;
  random?: (() => number) | undefined;
}

/**
 * Repeats a request that is safe to repeat: on 429 and 503 that carry `Retry-After`, after that time and up to 20 % more
 * (never earlier; spread, so that the refused do not come back together), and when there was no answer. Everything else
 * rejects at once.
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const random = options.random ?? Math.random;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const seconds = tries < MAX_TRIES ? retryDelaySeconds(error, tries, random) : null;
      if (seconds === null) throw error;
      await wait(seconds * 1_000, options.signal);
    }
  }
}

function retryDelaySeconds(error: unknown, tries: number, random: () => number): number | null {
  if (error instanceof ApiUnreachable) return (UNREACHABLE_BASE_MS / 1_000) * 2 ** (tries - 1) * (0.5 + random() / 2);
  if (!(error instanceof ApiProblem) || (error.status !== 429 && error.status !== 503)) return null;
  const asked = error.retryAfterSeconds;
  return asked === null || asked > LONGEST_WAIT_SECONDS ? null : asked * (1 + 0.2 * random());
}
