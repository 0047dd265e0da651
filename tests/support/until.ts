import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  timeoutMs: number;
  /** What is waited for, as the failure should name it: "the run to be running". */
  what: string;
}

/**
 * Waits until `condition` gives something other than `false`, `null` or `undefined`, and resolves to it. Rejects after the deadline; an error
 * thrown by the condition counts as "not yet" and is the cause of that rejection.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + options.timeoutMs;
  let lastError: unknown;
  let pauseMs = 2;
  while (true) {
    try {
      const value = await condition();
      if (value !== false && value !== null && value !== undefined)
        return value as Exclude<T, false | null | undefined>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) {
      const reason = lastError instanceof Error ? ` Last error: ${lastError.message}` : '';
      throw new Error(`Waited ${options.timeoutMs} ms for ${options.what}.${reason}`, { cause: lastError });
    }
    await delay(pauseMs);
    pauseMs = Math.min(50, pauseMs * 1.5);
  }
}
