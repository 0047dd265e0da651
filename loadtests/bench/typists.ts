/**
 * The people of comforts.ts who type, in a process of their own so that what they cost is not the clock's: one socket each, which looks at its
 * chat. Told by its parent how to type; answers with the frames sent until then.
 */
import WebSocket from 'ws';

export interface Typist {
  runId: string;
  token: string;
}
/** `people`: a frame for every key, {@link KEYS_PER_SECOND} of them; `flood`: as many as the replica takes. */
export type Typing = 'none' | 'people' | 'flood';

/** Of each typist; a very fast person reaches 15. */
export const KEYS_PER_SECOND = 20;
const TICK_MS = 1_000 / KEYS_PER_SECOND;
/** Frames that a flooding socket has under way; the next ones follow when a PING behind them is answered, so that no round pays for another's. */
const FLOOD_BATCH = 900;

interface Hands {
  socket: WebSocket;
  frame: string;
  /** PINGs that are not answered yet. */
  waiting: number;
}

async function connect(url: string, { runId, token }: Typist): Promise<Hands> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers: { Authorization: `Bearer ${token}` } });
  await new Promise<void>((resolve, reject) => {
    socket.once('message', () => resolve());
    socket.once('error', reject);
  });
  socket.send(JSON.stringify({ type: 'CHAT_OPEN', data: { run_id: runId } }));
  const frame = JSON.stringify({ type: 'TYPING', data: { run_id: runId, typing: true } });
  const hands: Hands = { socket, frame, waiting: 0 };
  socket.on('message', (data) => {
    if (String(data).startsWith('{"type":"PONG"')) hands.waiting -= 1;
  });
  return hands;
}

/** Sends what is due; answers how many frames. */
function type(hands: Hands, typing: Typing): number {
  const count = typing === 'people' ? 1 : typing === 'flood' && hands.waiting === 0 ? FLOOD_BATCH : 0;
  for (let n = 0; n < count; n++) hands.socket.send(hands.frame);
  if (typing === 'flood' && count > 0) ping(hands);
  return count;
}

function ping(hands: Hands): void {
  hands.waiting += 1;
  hands.socket.send('{"type":"PING"}');
}

/** Everything sent has been taken. */
async function drained(typists: readonly Hands[]): Promise<void> {
  typists.forEach(ping);
  while (typists.some(({ waiting }) => waiting > 0)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Runs in the child process; see comforts.ts for the parent's side. */
async function main(): Promise<void> {
  let typing: Typing = 'none';
  let sent = 0;
  const typists: Hands[] = [];
  setInterval(() => {
    for (const hands of typists) sent += type(hands, typing);
  }, TICK_MS);
  process.on('message', async (order: { url: string; typists: Typist[] } | { typing: Typing }) => {
    if ('typing' in order) {
      typing = order.typing;
      if (typing === 'none') await drained(typists);
      process.send?.(sent);
      sent = 0;
    } else {
      typists.push(...(await Promise.all(order.typists.map((typist) => connect(order.url, typist)))));
      process.send?.(0);
    }
  });
  process.on('disconnect', () => process.exit());
}

if (process.send !== undefined) await main();
