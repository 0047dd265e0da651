import { SignJWT } from 'jose';

export interface TokenOptions {
  secret: string;
  userId: string;
  role: 'user' | 'admin';
  issuer: string;
  audience: string;
  lifetimeSeconds: number;
}

/** A signed access token as the API expects it (HS256; sub, role, iss, aud, iat, exp). For local clusters and tests only. */
export function mintToken(options: TokenOptions): Promise<string> {
  return new SignJWT({ role: options.role })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(options.userId)
    .setIssuer(options.issuer)
    .setAudience(options.audience)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1_000) + options.lifetimeSeconds)
    .sign(new TextEncoder().encode(options.secret));
}
