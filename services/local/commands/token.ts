import { localAccess } from '../local-access.ts';
import type { StateDir } from '../state/state-dir.ts';
import { UsageError } from '../usage-error.ts';

/** `make token USER_ID=alice [ROLE=admin]`: prints the token and nothing else. */
export async function token(state: StateDir, environment: NodeJS.ProcessEnv): Promise<void> {
  const userId = environment.USER_ID ?? '';
  const role = environment.ROLE || 'user';
  if (userId === '' || userId.length > 200)
    throw new UsageError('Say whose token: make token USER_ID=alice (at most 200 characters).');
  if (role !== 'user' && role !== 'admin') throw new UsageError(`ROLE must be "user" or "admin", not "${role}".`);
  const access = localAccess(state);
  if (access === null) throw new UsageError('Weir is not running here. Start it with: make up', 1);
  if (access.token === null)
    throw new UsageError('This cluster takes its tokens from your identity provider (WEIR_JWKS_URL).', 1);
  console.log(await access.token(userId, role));
}
