import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A replica as far as Nginx can see one, which answers what a test wants. */
export interface Upstream {
  port: number;
  requests: IncomingMessage[];
  /** Bodies of the requests that had one, in the order in which they were whole. */
  bodies: string[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  server: Server;
  /** Ends it at once; as after a kill, its port refuses. */
  close(): void;
  /** After `close`: the same port answers again. */
  reopen(): Promise<void>;
}

export const ok: Upstream['answer'] = (_request, response) => void response.end('ok');
/** Takes the request and never answers, as a process that is frozen. */
export const silent: Upstream['answer'] = () => {};
/** Takes the request and breaks off, as a process that is killed while it works. */
export const breaksOff: Upstream['answer'] = (request) => void request.socket.destroy();

export async function upstream(answer: Upstream['answer'] = ok): Promise<Upstream> {
  const server = createServer();
  const listen = async () => {
    server.listen(self.port, '127.0.0.1');
    await once(server, 'listening');
  };
  const self: Upstream = {
    port: 0,
    requests: [],
    bodies: [],
    answer,
    server,
    close() {
      server.close();
      server.closeAllConnections();
    },
    reopen: listen,
  };
  server.on('request', async (incoming, response) => {
    self.requests.push(incoming);
    const body = await text(incoming).catch(() => '');
    if (body !== '') self.bodies.push(body);
    self.answer(incoming, response);
  });
  await listen();
  self.port = (server.address() as AddressInfo).port;
  return self;
}

/** Makes a replica take WebSockets; the answer to the handshake names it by `X-Replica`. */
export function withSockets(one: Upstream, name: string): Upstream {
  one.server.on('upgrade', (_incoming, socket) => {
    socket.on('error', () => {});
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Replica: ${name}\r\n\r\n`,
    );
  });
  return one;
}
