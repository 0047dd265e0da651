import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { localAccess } from '../../services/local/local-access.ts';
import { StateDir } from '../../services/local/state/state-dir.ts';
import { mintToken } from '../../services/local/token.ts';
import { UsageError } from '../../services/local/usage-error.ts';

export interface Access {
  /** Without a slash at the end. */
  url: string;
  /** Whether it is the local cluster of this clone, whose simulated providers may be broken. */
  isLocal: boolean;
  token(userId: string, role: 'user' | 'admin'): Promise<string>;
}

const LIFETIME_SECONDS = 6 * 3_600;

/**
 * The way in: the local cluster of this clone with its own key; for any other target `JWT_SECRET` (with `JWT_ISSUER`, `JWT_AUDIENCE`), or
 * `TOKEN_COMMAND`, a shell command that prints a token for `$USER_ID` with `$ROLE`.
 */
export function accessTo(target: string | null, environment: NodeJS.ProcessEnv): Access {
  const local = localAccess(StateDir.of(environment));
  const isLocal = local !== null && (target === null || sameOrigin(target, local.url));
  const url = target ?? local?.url;
  if (url === undefined)
    throw new UsageError('Weir is not running here. Start it with "make up", or name a TARGET.', 1);
  const { TOKEN_COMMAND: command, JWT_SECRET: secret } = environment;
  if (command) return { url, isLocal, token: (userId, role) => tokenFrom(command, userId, role, environment) };
  if (secret)
    return { url, isLocal, token: (userId, role) => mintToken({ ...claims(environment), secret, userId, role }) };
  if (isLocal && local.token !== null) return { url, isLocal, token: local.token };
  throw new UsageError(
    `Say how to get tokens for ${url}: JWT_SECRET or TOKEN_COMMAND (docs/operations/load-tests.md).`,
    1,
  );
}

function claims({ JWT_ISSUER, JWT_AUDIENCE }: NodeJS.ProcessEnv) {
  return { issuer: JWT_ISSUER || 'weir', audience: JWT_AUDIENCE || 'weir', lifetimeSeconds: LIFETIME_SECONDS };
}

function sameOrigin(one: string, other: string): boolean {
  const origin = (url: string) => new URL(url).origin.replace('localhost', '127.0.0.1');
  return origin(one) === origin(other);
}

async function tokenFrom(
  command: string,
  userId: string,
  role: string,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const env = { ...environment, USER_ID: userId, ROLE: role };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env, timeout: 30_000 }).catch(
    ({ code, stderr }: { code: unknown; stderr?: string }) => {
      const why = stderr?.trim() || (code === null ? 'no end within 30 seconds' : `exit code ${String(code)}`);
      throw new UsageError(`TOKEN_COMMAND failed for ${userId}: ${why}`, 1);
    },
  );
  const token = stdout.trim();
  if (token === '') throw new UsageError(`TOKEN_COMMAND printed nothing for ${userId}.`, 1);
  return token;
}
