import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

/** After this (ms) one request is served for each connection that still comes: nobody inside is forgotten, nobody outside waits for all of them. */
const LONGEST_MS = 50;

/**
 * Requests wait while connections do. libuv (since 1.45) takes one connection a turn of the event loop, and a turn is as long as the requests that are
 * handled in it; so of a crowd that comes at once the first few would be served again and again, and the last connection would wait for seconds. While
 * requests are held, turns are short and everybody gets in; then all are handled in the order in which they came. Costs nobody anything
 * but the order: what is done meanwhile has to be done anyway. `longestMs`: for how long at most; then one is served for each that comes.
 */
export function newcomersFirst(server: Server, handle: RequestListener, longestMs = LONGEST_MS): RequestListener {
  let held: Array<{ request: IncomingMessage; response: ServerResponse }> = [];
  let watching = false;
  let somebodyCame = false;
  let since = 0;

  const look = (): void => {
    if (somebodyCame) {
      somebodyCame = false;
      if (performance.now() - since > longestMs) serve(held.splice(0, 1));
      setImmediate(look);
      return;
    }
    watching = false;
    const all = held;
    held = [];
    serve(all);
  };

  // Who has left meanwhile is not there to be answered, and his body will never end.
  const serve = (some: typeof held): void => {
    for (const { request, response } of some) if (!request.socket.destroyed) handle(request, response);
  };

  server.on('connection', () => {
    somebodyCame = true;
    if (watching) return;
    watching = true;
    since = performance.now();
    setImmediate(look);
  });
  return (request, response) => {
    if (watching) held.push({ request, response });
    else handle(request, response);
  };
}
