import { createHmac } from 'node:crypto';

/** What a token may claim; of any type, as an attacker can write it. */
export interface Claims {
  sub?: unknown;
  role?: unknown;
  iss?: string;
  aud?: string;
  exp?: unknown;
  nbf?: number;
}

/** Whole seconds since 1970, so many from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1_000) + seconds;
}

/** Part of a token: JSON as base64url. */
export function tokenPart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A token with any header and claims, rightly signed with HMAC under any key: what an attacker can make. */
export function forgedToken(
  header: { alg: string; [name: string]: unknown },
  claims: Claims,
  key: string | Uint8Array,
): string {
  const text = `${tokenPart(header)}.${tokenPart(claims)}`;
  const hash = header.alg === 'HS512' ? 'sha512' : 'sha256';
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}
