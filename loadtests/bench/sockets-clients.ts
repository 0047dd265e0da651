/** The clients of sockets.ts, in processes of their own. Does one order after the other and answers each. */
import WebSocket from 'ws';
import { bearerEndpoint } from '../../shared/protocol/client/bearer-endpoint.ts';
import { LiveConnection } from '../../shared/protocol/client/live-connection.ts';
import type { EventFrame } from '../../shared/protocol/events.ts';
import { StreamCheck } from '../users/stream-check.ts';
import { userSocket } from '../users/user-socket.ts';

export interface Client {
  id: string;
  token: string;
  /** Source address: one of 127.0.0.0/8. */
  from: string;
}

export type SocketOrder =
  /** `bare`: the reference, which needs no client of ours. */
  | { kind: 'open'; url: string; clients: Client[]; bare: boolean }
  /** Answered when everybody has heard a frame of the type, once more than at the time of the order. */
  | { kind: 'hear'; type: string }
  | { kind: 'tally' }
  | { kind: 'close' };

export interface SocketAnswer {
  /** Clients that have what was asked for. */
  count: number;
  /** Unix ms of the last of them. */
  lastAt: number;
  /** Sockets that were tried and did not come to be. */
  refused: number;
  /** Stored events that each client has heard, by its id; of `tally`. */
  events: Map<string, number>;
  /** What StreamCheck found. */
  faults: string[];
}

/** Sockets being opened at once. */
const OPENING = 250;
const PATIENCE_MS = 60_000;
const now = () => performance.timeOrigin + performance.now();

interface Live {
  client: Client;
  check: StreamCheck;
  events: number;
  stop(): unknown;
}

let lives: Live[] = [];
let faults: string[] = [];
let refused = 0;
/** What is listened for, by whom it was not heard yet, and what then. */
let wanted: { types: readonly string[]; left: Set<Live>; lastAt: number; done(): void } | undefined;

function tap(live: Live, text: string): void {
  const frame = JSON.parse(text) as EventFrame;
  if (wanted?.types.includes(frame.type) && wanted.left.delete(live)) {
    wanted.lastAt = now();
    if (wanted.left.size === 0) wanted.done();
  }
  if (frame.type === 'WORKFLOW_STARTING') live.events += 1;
  const fault = live.check.arrive(frame);
  if (fault !== null) faults.push(`${fault.fault}: ${fault.detail}`);
}

async function listen(types: readonly string[], among: Live[], meanwhile: () => unknown): Promise<SocketAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const all = new Set(among);
  await new Promise<void>((done) => {
    wanted = { types, left: all, lastAt: now(), done };
    timer = setTimeout(done, PATIENCE_MS);
    meanwhile();
  });
  clearTimeout(timer);
  return answer(among.length - all.size, wanted?.lastAt ?? Number.NaN);
}

function answer(count: number, lastAt: number): SocketAnswer {
  return { count, lastAt, refused, faults, events: new Map(lives.map(({ client, events }) => [client.id, events])) };
}

/** One at a time of each lane: the next is begun when the one before has had its first frame. */
async function open(url: string, clients: Client[], bare: boolean): Promise<SocketAnswer> {
  const rest = clients.values();
  const lane = async (): Promise<void> => {
    for (const client of rest) {
      const live: Live = { client, check: new StreamCheck(), events: 0, stop: () => {} };
      lives.push(live);
      if (bare) await openBare(url, live);
      else await openLive(url, live);
    }
  };
  await Promise.all(Array.from({ length: OPENING }, lane));
  return answer(clients.length - refused, now());
}

function openBare(url: string, live: Live): Promise<void> {
  const socket = new WebSocket(url.replace('http', 'ws'), { localAddress: live.client.from, perMessageDeflate: false });
  live.stop = () => socket.terminate();
  return new Promise((resolve) => {
    socket.on('error', () => {
      refused += 1;
      resolve();
    });
    socket.on('message', (data) => {
      tap(live, String(data));
      resolve();
    });
  });
}

async function openLive(url: string, live: Live): Promise<void> {
  const { constructorFor } = userSocket({ rttMs: 0, from: live.client.from, tap: (text) => tap(live, text) });
  const endpoint = bearerEndpoint(url, () => live.client.token);
  const connection = new LiveConnection({ endpoint, WebSocket: constructorFor });
  live.stop = () => connection.stop();
  await new Promise<void>((resolve) => {
    connection.onState((state) => {
      if (state.kind === 'waiting' && connection.resumePosition === null) refused += 1;
      if (state.kind === 'live') resolve();
    });
    connection.start();
  });
}

async function obey(order: SocketOrder): Promise<SocketAnswer> {
  if (order.kind === 'open') return open(order.url, order.clients, order.bare);
  if (order.kind === 'tally') return answer(lives.length, now());
  if (order.kind === 'hear') {
    // Whoever comes back hears one of these two first.
    const types = order.type === 'back' ? ['RESUMED', 'SNAPSHOT'] : [order.type];
    return listen(types, lives, () => process.send?.('listening'));
  }
  await Promise.all(lives.map((live) => live.stop()));
  [lives, faults, refused] = [[], [], 0];
  return answer(0, now());
}

process.on('message', (order: SocketOrder) => void obey(order).then((done) => process.send?.(done)));
process.on('disconnect', () => process.exit());
