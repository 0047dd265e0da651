import type { ApiClient } from './api-client.ts';
import type { LiveEndpoint } from './live-connection.ts';
import { socketUrl } from './socket-url.ts';

/**
 * For browsers, which cannot set headers on a WebSocket: a fresh single-use ticket for every attempt. The token itself never
 * stands in a URL, where proxies and histories would keep it.
 */
export function ticketEndpoint(
  baseUrl: string,
  api: Pick<ApiClient, 'ticket'>,
): (signal: AbortSignal) => Promise<LiveEndpoint> {
  return async (signal) => {
    const { ticket } = await api.ticket({ signal });
    const url = new URL(socketUrl(baseUrl));
    url.searchParams.set('ticket', ticket);
    return { url: url.href };
  };
}
