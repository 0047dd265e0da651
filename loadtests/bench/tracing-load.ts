/** The other side of tracing.ts, in a process of its own: sends starts, hears the ends of runs, and receives traces. Told by messages what to do. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import WebSocket from 'ws';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { bearerEndpoint } from '../../shared/protocol/client/bearer-endpoint.ts';
import { LiveConnection } from '../../shared/protocol/client/live-connection.ts';

export type LoadOrder =
  | { kind: 'connect'; url: string; token: string; workflowId: string }
  /** `ends`: wait until the socket has heard the end of each. */
  | { kind: 'start'; amount: number; ends: boolean }
  | { kind: 'disconnect' };
/** First where traces go; then, for each order, how many starts were accepted, and the bytes of traces so far. */
export type LoadReport = { endpoint: string } | { accepted: number; receivedBytes: number };

const CONNECTIONS = 20;

let receivedBytes = 0;
let ended = 0;
/** After each, a socket that was too slow for its stream is not told of what came before. */
let snapshots = 0;
let live: LiveConnection | undefined;
let target = { url: '', token: '', workflowId: '' };

const receiver = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => {
    receivedBytes += chunk.length;
  });
  request.on('end', () => response.end('{}'));
});

async function obey(order: LoadOrder): Promise<number> {
  if (order.kind === 'start') return start(order.amount, order.ends);
  await live?.stop();
  live = undefined;
  if (order.kind === 'disconnect') return 0;
  target = order;
  live = new LiveConnection({ endpoint: bearerEndpoint(order.url, async () => order.token), WebSocket });
  live.onFrame(({ type }) => {
    if (type === 'SNAPSHOT') snapshots += 1;
    if (type === 'WORKFLOW_COMPLETED' || type === 'WORKFLOW_FAILED') ended += 1;
  });
  live.start();
  return 0;
}

/** Resolves to the number that were accepted: on a machine with other work some are refused, whatever is measured. */
async function start(amount: number, ends: boolean): Promise<number> {
  const before = { ended, snapshots };
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${target.token}` };
  const body = JSON.stringify({ workflow_id: target.workflowId, payload: { question: 'how fast?' } });
  const request = { method: 'POST' as const, path: '/api/v1/trigger', headers, body };
  const result = await autocannon({ url: target.url, connections: CONNECTIONS, amount, requests: [request] });
  const allTold = () => ended >= before.ended + result['2xx'];
  while (ends && !allTold() && (snapshots === before.snapshots || (await someGoOn()))) await sleep(5);
  return result['2xx'];
}

async function someGoOn(): Promise<boolean> {
  const { url, token } = target;
  const { items } = await new ApiClient({ baseUrl: url, token: () => token }).listRuns({ status: 'running', limit: 1 });
  return items.length > 0;
}

const report = (given: LoadReport) => void process.send?.(given);

process.on('message', (order: LoadOrder) => {
  void obey(order).then((accepted) => report({ accepted, receivedBytes }));
});
process.on('disconnect', () => process.exit(0));
receiver.listen(0, '127.0.0.1', () =>
  report({ endpoint: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}` }),
);
