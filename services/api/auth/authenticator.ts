import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Identity } from './identity.ts';
import { TokenCache } from './token-cache.ts';

/** One of `secret` and `jwksUrl`; the configuration refuses both and neither. */
export interface AuthenticatorOptions {
  /** HS256 secret, '' = none. */
  secret: string;
  /** Key set of the identity provider, '' = none. */
  jwksUrl: string;
  issuer: string;
  audience: string;
  cache?: TokenCache;
  /** For how long the key set is not asked again after it was (ms), however many unknown keys are named; default 30 s. */
  keySetCooldownMs?: number;
}

/**
 * The algorithm is ours to choose, never the token's: with a shared secret only HMAC, with a key set only signatures.
 * That closes both known confusions: `alg: none`, and an HS256 token whose "secret" is the published RSA key
 * (RFC 8725, sections 2.1 and 3.1).
 */
const SECRET_ALGORITHMS = ['HS256'];
const KEY_SET_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

/** Clocks of the identity provider and ours may differ by this (seconds). */
const CLOCK_TOLERANCE_SECONDS = 5;

/** Longer is no token of ours; bounds the work on, and the memory for, what a stranger sends (characters). */
const MAX_TOKEN_LENGTH = 8_192;

/** RFC 6750: the scheme is case-insensitive, the token is base64url and dots. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** 1 to 200 characters, none of them a control character: the id becomes part of Redis keys and log lines. */
const SUBJECT = /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,200}$/u;

/** Errors of jose that tell of the key set's server, not of the token. */
const KEY_SET_FAULTS = new Set<string>([errors.JWKSTimeout.code, errors.JWKSInvalid.code, 'ERR_JOSE_GENERIC']);
const KEY_SET_RETRY_SECONDS = 5;
/** Longest wait for the key set (ms): less than the 4 s after which Nginx gives a replica up and says 504 instead of what is wrong. */
const KEY_SET_TIMEOUT_MS = 2_000;
const KEY_SET_COOLDOWN_MS = 30_000;

/** Turns a bearer token into an identity. Shared by the HTTP and the WebSocket door. */
export class Authenticator {
  /** Rejects with jose's error. */
  private readonly verify: (token: string) => Promise<{ payload: JWTPayload }>;
  private readonly usesKeySet: boolean;
  private readonly cache: TokenCache;

  constructor(options: AuthenticatorOptions) {
    const checks = {
      issuer: options.issuer,
      audience: options.audience,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    };
    this.usesKeySet = options.jwksUrl !== '';
    if (this.usesKeySet) {
      const keySet = createRemoteJWKSet(new URL(options.jwksUrl), {
        timeoutDuration: KEY_SET_TIMEOUT_MS,
        cooldownDuration: options.keySetCooldownMs ?? KEY_SET_COOLDOWN_MS,
      });
      this.verify = (token) => jwtVerify(token, keySet, { ...checks, algorithms: KEY_SET_ALGORITHMS });
    } else {
      const secret = new TextEncoder().encode(options.secret);
      this.verify = (token) => jwtVerify(token, secret, { ...checks, algorithms: SECRET_ALGORITHMS });
    }
    this.cache = options.cache ?? new TokenCache();
  }

  /**
   * `authorization` is the header's text. Throws WeirError `unauthenticated` when it is missing, malformed or not to be
   * trusted (the reason goes to the log only), `identity_unavailable` when the key set cannot be loaded.
   */
  authenticateHeader(authorization: string | undefined): Promise<Identity> {
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (token === undefined) {
      return Promise.reject(new WeirError('unauthenticated', { logDetail: 'no bearer token in the header' }));
    }
    return this.authenticate(token);
  }

  /** As {@link authenticateHeader}, for the bare token. */
  async authenticate(token: string): Promise<Identity> {
    const known = this.cache.get(token);
    if (known !== undefined) return known;
    if (token.length > MAX_TOKEN_LENGTH) {
      throw new WeirError('unauthenticated', { logDetail: `token of ${token.length} characters` });
    }
    const identity = toIdentity(await this.payloadOf(token));
    this.cache.set(token, identity);
    return identity;
  }

  private async payloadOf(token: string): Promise<JWTPayload> {
    try {
      return (await this.verify(token)).payload;
    } catch (cause) {
      if (this.usesKeySet && isKeySetFault(cause)) {
        throw new WeirError('identity_unavailable', { cause, retryAfterSeconds: KEY_SET_RETRY_SECONDS });
      }
      throw new WeirError('unauthenticated', { cause });
    }
  }
}

/** A provider that does not answer is not the caller's fault: 401 would make every client throw its good token away. */
function isKeySetFault(cause: unknown): boolean {
  if (cause instanceof errors.JOSEError) return KEY_SET_FAULTS.has(cause.code);
  return true;
}

function toIdentity(payload: JWTPayload): Identity {
  const { sub, exp, role } = payload;
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) {
    throw new WeirError('unauthenticated', { logDetail: 'sub is not 1 to 200 characters without control characters' });
  }
  if (typeof exp !== 'number' || !Number.isFinite(exp)) throw new WeirError('unauthenticated', { logDetail: 'no exp' });
  if (role !== undefined && role !== 'user' && role !== 'admin') {
    throw new WeirError('unauthenticated', { logDetail: 'role is neither "user" nor "admin"' });
  }
  return { userId: sub, role: role ?? 'user', expiresAt: exp * 1_000 };
}
