import { WeirError } from '../shared/errors/weir-error.ts';
import { abortableDelay } from '../shared/lifecycle/abortable-delay.ts';
import { fullJitter } from '../shared/resilience/backoff.ts';

/** Short enough that a worker notices soon that Postgres is back; the breaker spares Postgres the rest. */
const BASE_MS = 100;
const CAP_MS = 2_000;

/**
 * Repeats `work` while Postgres is unavailable, until `signal` aborts (without a signal: not at all) or `wanted` says that it need not be
 * repeated; then rejects with the last error. For what must not be lost although nobody waits for an answer. `work` has to be repeatable: an
 * attempt that was given up may have had its effect.
 */
export async function patiently<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  wanted: () => boolean = () => true,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isOutage(error) || signal === undefined || signal.aborted || !wanted()) throw error;
      await abortableDelay(fullJitter(attempt, BASE_MS, CAP_MS), signal);
      if (signal.aborted) throw error;
    }
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof WeirError && (error.code === 'storage_unavailable' || error.code === 'outcome_unknown');
}
