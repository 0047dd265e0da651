/**
 * The part of the browser's `WebSocket` that the client uses; `ws` and the global of newer Node versions have it too.
 * Parameters are `never` because each of them declares its own event classes.
 */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  /** `ws` only: ends without the closing handshake, which nobody would answer on a dead network. */
  terminate?(): void;
}

/** Browsers take no headers; where they are given, `ws` and Node's global take them as the second argument. */
export type WebSocketConstructor = new (url: string, options?: { headers: Record<string, string> }) => WebSocketLike;
