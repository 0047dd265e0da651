/**
 * Seconds a `Retry-After` header asks to wait: delay-seconds or an HTTP date (RFC 9110, section 10.2.3); null: absent or
 * not readable. `now` in Unix ms.
 */
export function retryAfterSeconds(header: string | null | undefined, now: number = Date.now()): number | null {
  const text = header?.trim() ?? '';
  if (text === '') return null;
  if (/^\d+$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1_000);
}
