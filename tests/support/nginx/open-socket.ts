import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** What came of a WebSocket handshake. `end` closes the socket, if there is one. */
export interface Handshake {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  isOpen(): boolean;
  end(): void;
}

/** A pong, masked as frames of clients are. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/**
 * One handshake at `url`/ws, opened or refused. `from`: the address it comes from; `query`: with its question mark; `staysAlive`: whatever
 * comes is answered with a pong, else a replica gives the socket up after 35 s and its place is free.
 */
export async function openSocket(
  url: string,
  headers: Record<string, string> = {},
  { from = '127.0.0.1', query = '', staysAlive = false }: { from?: string; query?: string; staysAlive?: boolean } = {},
): Promise<Handshake> {
  const sent = request(`${url}/ws${query}`, {
    headers: { Connection: 'Upgrade', Upgrade: 'websocket', ...headers },
    agent: false,
    localAddress: from,
  }).end();
  const opened = once(sent, 'upgrade').then(([answer, socket]) => {
    if (staysAlive) socket.on('error', () => {}).on('data', () => socket.write(PONG));
    return {
      status: (answer as IncomingMessage).statusCode ?? 0,
      headers: (answer as IncomingMessage).headers,
      body: '',
      isOpen: () => !socket.destroyed && !socket.readableEnded,
      end: () => void socket.destroy(),
    };
  });
  const refused = once(sent, 'response').then(async ([response]) => {
    const answer = response as IncomingMessage;
    const body = await text(answer);
    return { status: answer.statusCode ?? 0, headers: answer.headers, body, isOpen: () => false, end: () => {} };
  });
  const handshake = await Promise.race([opened, refused]);
  for (const other of [opened, refused]) other.catch(() => {});
  return handshake;
}
