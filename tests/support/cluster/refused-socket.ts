import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import type { ProblemDocument } from '../../../shared/errors/problem.ts';

/** Why a handshake was refused, as the server said it. */
export interface SocketRefusal {
  status: number;
  retryAfterSeconds: number;
  problem: ProblemDocument;
}

/** Tries to open a socket, once. null: it was opened (and is closed again). */
export async function refusedSocket(url: string, token: string): Promise<SocketRefusal | null> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers: { Authorization: `Bearer ${token}` } });
  socket.on('error', () => {});
  const opened = once(socket, 'open').then(() => null);
  const refused = once(socket, 'unexpected-response').then(([, response]) => response as IncomingMessage);
  const response = await Promise.race([opened, refused]);
  if (response === null) {
    socket.close();
    await once(socket, 'close');
    return null;
  }
  let text = '';
  for await (const chunk of response) text += chunk;
  socket.terminate();
  const problem = JSON.parse(text) as ProblemDocument;
  return { status: response.statusCode ?? 0, retryAfterSeconds: Number(response.headers['retry-after']), problem };
}
