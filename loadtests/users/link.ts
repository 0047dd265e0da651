import type { Sample } from '../measure/sample.ts';
import type { Assignment } from './assignment.ts';

/** How often samples travel (ms): rare enough to cost nothing, often enough for a live graph. */
const EVERY_MS = 250;

let waiting: Sample[] = [];

/** From a thread of artillery to the process that counts; both values come from loadtests/run/artillery.ts. */
async function post(path: string, body: unknown): Promise<Response> {
  const { WEIR_LOAD_HUB: hub = '', WEIR_LOAD_SECRET: secret = '' } = process.env;
  const answer = await fetch(hub + path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the launcher answers ${answer.status}`);
  return answer;
}

export async function askAssignment(): Promise<Assignment> {
  return (await (await post('/arrive', {})).json()) as Assignment;
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
