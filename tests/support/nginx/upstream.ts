import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A replica as far as Nginx can see one, which answers what a test wants. */
export interface Upstream {
  port: number;
  requests: IncomingMessage[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  server: Server;
  /** Ends it at once; as after a kill, its port refuses. */
  close(): void;
}

export const ok: Upstream['answer'] = (_request, response) => void response.end('ok');

export async function upstream(answer: Upstream['answer'] = ok): Promise<Upstream> {
  const server = createServer();
  const self: Upstream = {
    port: 0,
    requests: [],
    answer,
    server,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  server.on('request', (incoming, response) => {
    self.requests.push(incoming);
    self.answer(incoming, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  self.port = (server.address() as AddressInfo).port;
  return self;
}
