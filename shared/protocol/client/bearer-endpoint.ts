import type { LiveEndpoint } from './live-connection.ts';
import { socketUrl } from './socket-url.ts';

/** For programs: the token in the `Authorization` header of the handshake. `baseUrl` is the cluster's origin (`http://…`). */
export function bearerEndpoint(
  baseUrl: string,
  token: () => string | Promise<string>,
): (signal: AbortSignal) => Promise<LiveEndpoint> {
  const url = socketUrl(baseUrl);
  return async () => ({ url, headers: { Authorization: `Bearer ${await token()}` } });
}
