import { Agent, request } from 'node:http';
import type { Sample } from '../measure/sample.ts';
import type { Assignment } from './assignment.ts';

/** How often samples travel (ms): rare enough to cost nothing, often enough for a live graph. */
const EVERY_MS = 250;
/** A thousand who come in one second must not come with a thousand connections: whoever the launcher's door drops tries again seconds later. */
const CONNECTIONS = 4;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
let waiting: Sample[] = [];

/** From a thread of artillery to the process that counts; both values come from loadtests/run/artillery.ts. */
function post(path: string, body: unknown): Promise<string> {
  const { WEIR_LOAD_HUB: hub = '', WEIR_LOAD_SECRET: secret = '' } = process.env;
  const headers = { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request(hub + path, { method: 'POST', agent, headers }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('error', reject).on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => {
        const { statusCode = 0 } = answer;
        if (statusCode >= 300) reject(new Error(`the launcher answers ${statusCode}`));
        else resolve(Buffer.concat(pieces).toString('utf8'));
      });
    });
    sent.on('error', reject).end(JSON.stringify(body));
  });
}

export async function askAssignment(): Promise<Assignment> {
  return JSON.parse(await post('/arrive', {})) as Assignment;
}

export function sendSample(sample: Sample): void {
  if (waiting.length === 0) setTimeout(sendWaiting, EVERY_MS);
  waiting.push(sample);
}

/** Sends what has been seen until now. */
export async function sendWaiting(): Promise<void> {
  const batch = waiting;
  waiting = [];
  // Without its launcher a load test has nobody to tell; it is about to be ended.
  if (batch.length > 0) await post('/samples', batch).catch(() => {});
}
