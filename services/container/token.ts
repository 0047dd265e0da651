/**
 * `weir-token <user> [--role admin] [--hours 12]` in a container: prints an access token signed with the container's own secret and nothing
 * else. For operators, who can read that secret anyway; no endpoint hands out tokens.
 */
import { parseArgs } from 'node:util';
import { ConfigError, loadSettings } from '../../shared/config/load.ts';
import { mintToken } from '../local/token.ts';

const USAGE = 'Usage: weir-token <user> [--role user|admin] [--hours 12]';
/** As the API takes it. */
const MAX_USER_LENGTH = 200;
const MAX_HOURS = 24 * 365;

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { role: { type: 'string', default: 'user' }, hours: { type: 'string', default: '12' } },
  });
  const [userId = '', ...rest] = positionals;
  const hours = Number(values.hours);
  if (userId === '' || userId.length > MAX_USER_LENGTH || rest.length > 0) throw new Error(USAGE);
  if (values.role !== 'user' && values.role !== 'admin') throw new Error(USAGE);
  if (!(hours > 0 && hours <= MAX_HOURS)) throw new Error(USAGE);
  const settings = loadSettings(process.env);
  if (settings.WEIR_JWT_SECRET === '')
    throw new Error('This cluster takes its tokens from your identity provider (WEIR_JWKS_URL).');
  const token = await mintToken({
    secret: settings.WEIR_JWT_SECRET,
    userId,
    role: values.role,
    issuer: settings.WEIR_JWT_ISSUER,
    audience: settings.WEIR_JWT_AUDIENCE,
    lifetimeSeconds: hours * 3_600,
  });
  console.log(token);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof ConfigError ? 1 : 2;
});
