import { ApiUnreachable } from '../../../shared/protocol/client/api-unreachable.ts';
import { localAccess } from '../../local/local-access.ts';
import { StateDir } from '../../local/state/state-dir.ts';
import { UsageError } from '../usage-error.ts';
import type { TokenRole } from './cli-server.ts';

/** Which cluster, and how to prove who we are there. */
export interface Target {
  /** Without a slash at the end. */
  url: string;
  /** Null: there is none. */
  token(role: TokenRole): Promise<string | null>;
}

/** Whose name the tokens carry that are made for a local cluster. */
const LOCAL_USER = 'local';

/**
 * `WEIR_URL` with `WEIR_TOKEN`; without them the cluster `make up` started in this clone, with tokens of our own making.
 * A token of ours is never sent anywhere else. Throws {@link UsageError} or `ApiUnreachable`.
 */
export function findTarget(environment: NodeJS.ProcessEnv): Target {
  const { WEIR_URL, WEIR_TOKEN } = environment;
  const local = localAccess(StateDir.of(environment));
  const url = WEIR_URL ? checkedUrl(WEIR_URL) : local?.url;
  if (url === undefined) throw new ApiUnreachable('No cluster is running here, and WEIR_URL names no other.');
  const mint = local !== null && sameAddress(url, local.url) ? local.token : null;
  return {
    url,
    token: async (role) => WEIR_TOKEN || (mint === null ? null : await mint(LOCAL_USER, role)),
  };
}

/** People write `localhost` for 127.0.0.1. */
function sameAddress(a: string, b: string): boolean {
  return a.replace('//localhost:', '//127.0.0.1:') === b;
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  throw new UsageError(`WEIR_URL must be an address such as http://127.0.0.1:8080, not "${text}".`);
}
