import { PROBLEM_MEDIA_TYPE, type ProblemDocument } from '../../errors/problem.ts';
import { retryAfterSeconds } from './retry-after.ts';
import type { WebSocketLike } from './web-socket.ts';

/** A handshake the server answered with an HTTP error. */
export interface Refusal {
  status: number;
  problem: ProblemDocument | null;
  retryAfterSeconds: number | null;
}

/** What `ws` hands over with `unexpected-response`: Node's request and response, named here because browsers have neither. */
interface NodeRequest {
  destroy(): void;
}
interface NodeResponse extends AsyncIterable<Uint8Array> {
  statusCode?: number;
  headers: Record<string, string | string[] | undefined>;
}
interface TellsWhy {
  on(event: 'unexpected-response', listener: (request: NodeRequest, response: NodeResponse) => void): void;
}

/** A problem document is a few hundred bytes; more is not read. */
const MAX_BODY_BYTES = 65_536;

/**
 * Calls `listener` when the server refuses the handshake, on platforms that can tell (the `ws` package); browsers hide the
 * answer and report a plain close.
 */
export function onRefusal(socket: WebSocketLike, listener: (refusal: Refusal) => void): void {
  if (!('on' in socket) || typeof socket.on !== 'function') return;
  (socket as unknown as TellsWhy).on('unexpected-response', async (request, response) => {
    const header = (name: string): string => [response.headers[name]].flat()[0] ?? '';
    const body = await readBody(response).catch(() => '');
    request.destroy();
    listener({
      status: response.statusCode ?? 0,
      problem: header('content-type').startsWith(PROBLEM_MEDIA_TYPE) ? parse(body) : null,
      retryAfterSeconds: retryAfterSeconds(header('retry-after')),
    });
  });
}

async function readBody(response: NodeResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_BODY_BYTES) break;
  }
  return text;
}

function parse(body: string): ProblemDocument | null {
  try {
    return JSON.parse(body) as ProblemDocument;
  } catch {
    return null;
  }
}
