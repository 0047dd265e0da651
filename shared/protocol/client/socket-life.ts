import { onRefusal, type Refusal } from './refusal.ts';
import type { WebSocketConstructor, WebSocketLike } from './web-socket.ts';

/** How a socket ended. `silent`: nothing was heard for too long, or the dial took too long. `left`: our own signal aborted. */
export type SocketEnd =
  | { kind: 'closed'; code: number; reason: string }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'silent' }
  | { kind: 'left' };

export interface SocketLifeOptions {
  WebSocket: WebSocketConstructor;
  url: string;
  headers: Record<string, string> | undefined;
  /** Milliseconds without a frame, the dial included, after which the socket is given up. */
  silenceLimitMs: number;
  onText(text: string): void;
  /** The socket is open: this sends. */
  onOpen(send: (text: string) => void): void;
  /** Aborting closes the socket. */
  signal: AbortSignal;
}

/**
 * One socket from dial to end. Never rejects. A socket given up is not waited for: behind a dead network the closing handshake
 * would take minutes, and nothing it still says is heard.
 */
export function socketLife(options: SocketLifeOptions): Promise<SocketEnd> {
  return new Promise((resolve) => {
    const { signal, headers, silenceLimitMs } = options;
    if (signal.aborted) return resolve({ kind: 'left' });
    let socket: WebSocketLike;
    try {
      socket =
        headers === undefined ? new options.WebSocket(options.url) : new options.WebSocket(options.url, { headers });
    } catch (error) {
      return resolve({ kind: 'closed', code: 1006, reason: String(error) });
    }

    let heardAt = Date.now();
    let timer = setTimeout(checkSilence, silenceLimitMs);
    function checkSilence(): void {
      const left = heardAt + silenceLimitMs - Date.now();
      if (left > 0) timer = setTimeout(checkSilence, left);
      else end({ kind: 'silent' });
    }

    let ended = false;
    function end(how: SocketEnd): void {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      // An abandoned dial still fails some day; without a handler `ws` would throw it at the process.
      socket.onerror = () => {};
      if (how.kind === 'left') socket.close(1000);
      if (how.kind === 'silent') (socket.terminate ?? socket.close).call(socket);
      resolve(how);
    }
    const leave = () => end({ kind: 'left' });

    signal.addEventListener('abort', leave, { once: true });
    onRefusal(socket, (refusal) => end({ kind: 'refused', refusal }));
    socket.onopen = () => {
      heardAt = Date.now();
      options.onOpen((text) => socket.send(text));
    };
    socket.onmessage = (event: { data: unknown }) => {
      heardAt = Date.now();
      if (typeof event.data === 'string') options.onText(event.data);
    };
    socket.onerror = () => {};
    socket.onclose = (event: { code: number; reason: string }) =>
      end({ kind: 'closed', code: event.code, reason: event.reason });
  });
}
