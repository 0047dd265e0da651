/** Longest wait believed (ms): beyond it no step waits, and far beyond it a timer would fire at once. */
const MAX_RETRY_AFTER_MS = 600_000;

/**
 * The wait a provider asks for (ms, at most ten minutes), from `retry-after-ms` or `Retry-After` in seconds or as an HTTP date; a date in the past is
 * 0, for clocks differ. undefined: none, or nothing that could be meant: negative, not a number, another kind of date.
 */
export function readRetryAfter(headers: Headers | undefined, now = Date.now()): number | undefined {
  const wait = number(headers?.get('retry-after-ms'), 1) ?? retryAfter(headers?.get('retry-after'), now);
  return wait === undefined ? undefined : Math.min(Math.max(0, wait), MAX_RETRY_AFTER_MS);
}

function retryAfter(text: string | null | undefined, now: number): number | undefined {
  const wait = number(text, 1_000);
  // Date.parse by itself takes "-5" for a month.
  if (wait !== undefined || !text || !/^[a-z]+, .* GMT$/i.test(text)) return wait;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date - now;
}

function number(text: string | null | undefined, unitMs: number): number | undefined {
  return text && /^\d+(\.\d+)?$/.test(text) ? Number(text) * unitMs : undefined;
}
