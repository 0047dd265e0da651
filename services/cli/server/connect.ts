import { decodeJwt } from 'jose';
import WebSocket from 'ws';
import { ApiClient } from '../../../shared/protocol/client/api-client.ts';
import { LiveConnection } from '../../../shared/protocol/client/live-connection.ts';
import { UsageError } from '../usage-error.ts';
import type { CliServer, TokenRole } from './cli-server.ts';
import type { Target } from './find-target.ts';

/** A minted token is used again for this long (ms), well below its own life; a watch may last for days. */
const TOKEN_REUSE_MS = 600_000;

/** The cluster behind a target. Nothing is connected yet; each token is asked for when it is needed. */
export function connect(target: Target): CliServer {
  const token = { user: reused(() => target.token('user')), admin: reused(() => target.token('admin')) };
  const needed = async (role: TokenRole): Promise<string> => {
    const value = await token[role]();
    if (value !== null) return value;
    throw new UsageError(
      `WEIR_TOKEN is not set, and ${target.url} wants to know who you are.`,
      'On a cluster of "make up" no token is needed; of others ask your administrator.',
    );
  };
  return {
    url: target.url,
    userId: async () => subject(await token.user()),
    api: (role) => new ApiClient({ baseUrl: target.url, token: () => needed(role) }),
    publicApi: () => new ApiClient({ baseUrl: target.url, token: token.user }),
    live: (role) =>
      new LiveConnection({
        WebSocket,
        endpoint: async () => ({
          url: liveUrl(target.url),
          headers: { Authorization: `Bearer ${await needed(role)}` },
        }),
      }).start(),
  };
}

function liveUrl(url: string): string {
  return `${url.replace(/^http/, 'ws')}/ws`;
}

/** Who a token speaks for, unverified: only to tell one's own runs from others'. */
function subject(token: string | null): string | null {
  try {
    return token === null ? null : (decodeJwt(token).sub ?? null);
  } catch {
    return null;
  }
}

function reused(make: () => Promise<string | null>): () => Promise<string | null> {
  let made: { value: Promise<string | null>; at: number } | undefined;
  return () => {
    if (made === undefined || Date.now() - made.at > TOKEN_REUSE_MS) made = { value: make(), at: Date.now() };
    return made.value;
  };
}
