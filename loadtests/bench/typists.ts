/**
 * The people of comforts.ts who type, in a process of their own so that what they cost is not the clock's: one socket each, which looks at its
 * chat. Told by its parent how to type; answers with the frames sent until then.
 */
import WebSocket from 'ws';

export interface Typist {
  runId: string;
  token: string;
}
/** `people`: a frame for every key, {@link KEYS_PER_SECOND} of them; `flood`: as many as the socket takes. */
export type Typing = 'none' | 'people' | 'flood';

/** Of each typist; a very fast person reaches 15. */
export const KEYS_PER_SECOND = 20;
const TICK_MS = 1_000 / KEYS_PER_SECOND;
/** Frames of a socket in one tick at most while flooding, and unsent bytes at which it is given time. */
const FLOOD_PER_TICK = 200;
const FLOOD_BUFFER_BYTES = 16_384;

async function connect(url: string, { runId, token }: Typist): Promise<{ socket: WebSocket; frame: string }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers: { Authorization: `Bearer ${token}` } });
  await new Promise<void>((resolve, reject) => {
    socket.once('message', () => resolve());
    socket.once('error', reject);
  });
  socket.send(JSON.stringify({ type: 'CHAT_OPEN', data: { run_id: runId } }));
  return { socket, frame: JSON.stringify({ type: 'TYPING', data: { run_id: runId, typing: true } }) };
}

/** Runs in the child process; see comforts.ts for the parent's side. */
async function main(): Promise<void> {
  let typing: Typing = 'none';
  let sent = 0;
  const typists: Awaited<ReturnType<typeof connect>>[] = [];
  setInterval(() => {
    for (const { socket, frame } of typists) {
      if (typing === 'none') return;
      const most = typing === 'people' ? 1 : FLOOD_PER_TICK;
      for (let n = 0; n < most && socket.bufferedAmount < FLOOD_BUFFER_BYTES; n++, sent++) socket.send(frame);
    }
  }, TICK_MS);
  process.on('message', async (order: { url: string; typists: Typist[] } | { typing: Typing }) => {
    if ('typing' in order) {
      process.send?.(sent);
      sent = 0;
      typing = order.typing;
    } else {
      typists.push(...(await Promise.all(order.typists.map((typist) => connect(order.url, typist)))));
      process.send?.(0);
    }
  });
  process.on('disconnect', () => process.exit());
}

if (process.send !== undefined) await main();
