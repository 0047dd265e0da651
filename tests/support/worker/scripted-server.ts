import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface ScriptedServer {
  readonly port: number;
  readonly url: string;
  /** Requests in order of arrival. */
  readonly seen: SeenRequest[];
  /** Requests whose connection the client closed before the answer's end. */
  readonly aborted: number;
  /** Answers the next requests, one each; the last one answers all that follow. */
  script(...answers: Answer[]): void;
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** A real HTTP server on a free port of 127.0.0.1 that answers as a test says. */
export async function scriptedServer(): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  let answers: Answer[] = [(response) => response.end()];
  let aborted = 0;
  const server = createServer(async (request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) aborted += 1;
    });
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const entry = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    seen.push(entry);
    (answers.length > 1 ? answers.shift() : answers[0])?.(response, entry);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    seen,
    get aborted() {
      return aborted;
    },
    script: (...next) => {
      answers = next;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
