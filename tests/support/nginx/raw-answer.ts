import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { OwnAnswer } from './problem-of.ts';

export interface RawAnswerOptions {
  /** Closes its side when the bytes are out, as a client does that has given up. */
  cut?: boolean;
  /** The longest silence (ms) of the other side; if there was no answer by then, it rejects. Default: any. */
  withinMs?: number;
  /** Address it comes from. */
  from?: string;
}

/**
 * Sends bytes that no HTTP client would (a text as UTF-8), and reads until there is an answer or the other side closes the connection;
 * null: it did so without a word.
 */
export async function rawAnswer(
  url: string,
  bytes: string | Buffer,
  { cut = false, withinMs = 0, from = '127.0.0.1' }: RawAnswerOptions = {},
): Promise<OwnAnswer | null> {
  const socket = connect({
    port: Number(new URL(url).port),
    host: '127.0.0.1',
    localAddress: from,
    allowHalfOpen: cut,
  });
  await once(socket, 'connect');
  let late = false;
  socket.on('error', () => {});
  socket.setTimeout(withinMs, () => {
    late = true;
    socket.destroy();
  });
  if (cut) socket.end(bytes);
  else socket.write(bytes);
  const answer = parsed(await received(socket));
  if (late && answer === null) throw new Error(`no answer within ${withinMs} ms`);
  return answer;
}

/** What comes until it is a whole answer, or the connection ends, in whatever way. */
async function received(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (isWhole(Buffer.concat(chunks).toString())) socket.destroy();
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString();
}

function isWhole(text: string): boolean {
  const answer = parsed(text);
  const length = answer?.headers.get('content-length');
  return answer?.status === 101 || (length != null && Buffer.byteLength(answer?.body ?? '') >= Number(length));
}

function parsed(answer: string): OwnAnswer | null {
  const headEnd = answer.indexOf('\r\n\r\n');
  const [first = '', ...lines] = answer.slice(0, headEnd === -1 ? undefined : headEnd).split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(first)?.[1];
  if (status === undefined) return null;
  // 100 Continue comes before the answer.
  if (status === '100') return parsed(answer.slice(headEnd + 4));
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const at = line.indexOf(':');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );
  return { status: Number(status), headers, body: headEnd === -1 ? '' : answer.slice(headEnd + 4) };
}
