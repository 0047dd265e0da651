import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from '../../services/local/usage-error.ts';
import type { Assignment } from '../users/assignment.ts';
import type { Sample } from './sample.ts';

export interface HubOptions {
  /** Proof of a user that it belongs to this run. */
  secret: string;
  /** 0: a free one. */
  port: number;
  /** Somebody has arrived: who are they? */
  assign(): Promise<Assignment>;
  take(samples: Sample[]): void;
  /** What Prometheus reads. */
  metrics(): Promise<{ contentType: string; text: string }>;
}

/** Everybody may come at once; Linux caps it at `net.core.somaxconn`. */
const BACKLOG = 4_096;

/** Where users report and Prometheus looks; on this machine only. Call `close` when the run is over. A port that is taken throws a {@link UsageError}. */
export async function openHub(options: HubOptions): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    try {
      if (request.url === '/metrics') {
        const { contentType, text } = await options.metrics();
        response.writeHead(200, { 'Content-Type': contentType }).end(text);
      } else if (!isKnown(request, options.secret)) {
        response.writeHead(401).end();
      } else if (request.url === '/arrive') {
        request.resume();
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(await options.assign()));
      } else if (request.url === '/samples') {
        options.take(JSON.parse(await textOf(request)) as Sample[]);
        response.writeHead(204).end();
      } else response.writeHead(404).end();
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  // Users keep their connections: one that is closed while they write on it would take what they saw with it.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen({ port: options.port, host: '127.0.0.1', backlog: BACKLOG }, resolve),
  ).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new UsageError(`METRICS_PORT ${options.port} is taken.`, 1) : error;
  });
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) };
}

function isKnown(request: IncomingMessage, secret: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${secret}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
