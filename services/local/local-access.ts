import { readClusterFile } from './state/cluster-file.ts';
import { readJson } from './state/json-file.ts';
import type { Secrets } from './state/secrets.ts';
import type { StateDir } from './state/state-dir.ts';
import { mintToken } from './token.ts';

/** A working day: long enough to work with, short enough that a pasted token is not for ever. */
const LIFETIME_SECONDS = 12 * 3_600;

/** The way into the local cluster of this clone. */
export interface LocalAccess {
  /** Of Nginx, without a slash at the end. */
  url: string;
  /** Null: this cluster takes its tokens from an identity provider (`WEIR_JWKS_URL`). */
  token: ((userId: string, role: 'user' | 'admin') => Promise<string>) | null;
}

/** Null when no local cluster was started here (or `make down` ended it). */
export function localAccess(state: StateDir): LocalAccess | null {
  const cluster = readClusterFile(state);
  const secrets = readJson<Secrets>(state.file('secrets.json'));
  if (cluster === null || secrets === null) return null;
  const { settings } = cluster;
  const token = (userId: string, role: 'user' | 'admin') =>
    mintToken({
      secret: settings.WEIR_JWT_SECRET || secrets.jwtSecret,
      userId,
      role,
      issuer: settings.WEIR_JWT_ISSUER || 'weir',
      audience: settings.WEIR_JWT_AUDIENCE || 'weir',
      lifetimeSeconds: LIFETIME_SECONDS,
    });
  return { url: `http://127.0.0.1:${cluster.httpPort}`, token: settings.WEIR_JWKS_URL ? null : token };
}
