import type { Server } from 'node:net';

/** A turn of the event loop that was shorter leaves next to no time for somebody to come (ms) … */
const SHORT_TURN_MS = 0.1;
/** … and after each of these (ms) one twice as long will do: a server that is busy all the time must close as well. */
const PATIENCE_MS = 25;
/** After this (ms) whoever still waits is lost: more come than can be taken. */
const GIVE_UP_MS = 3_000;

/**
 * Resolves right after a turn of the event loop that found nobody waiting to be connected. The kernel resets those who wait when a
 * listening socket is closed, with the requests that they have sent already; and they may be many, as libuv (since 1.45) takes one
 * connection a turn: on a busy server one can wait for seconds.
 */
export async function nobodyWaiting(server: Server): Promise<void> {
  let taken = 0;
  const count = () => {
    taken += 1;
  };
  server.on('connection', count);
  try {
    // The rest of a turn says nothing: the waiting may have been looked at before.
    await turn();
    const begunAt = performance.now();
    while (performance.now() - begunAt < GIVE_UP_MS) {
      taken = 0;
      const turnMs = await turn();
      if (taken === 0 && turnMs <= SHORT_TURN_MS * 2 ** ((performance.now() - begunAt) / PATIENCE_MS)) return;
    }
  } finally {
    server.off('connection', count);
  }
}

/** Resolves in the phase after the one that takes connections; to how long that took (ms). */
async function turn(): Promise<number> {
  const startedAt = performance.now();
  await new Promise(setImmediate);
  return performance.now() - startedAt;
}
