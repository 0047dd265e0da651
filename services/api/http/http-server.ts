import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { newcomersFirst } from './newcomers-first.ts';
import { nobodyWaiting } from './nobody-waiting.ts';

export interface HttpServerOptions {
  name: string;
  host: string;
  /** 0: a free one. */
  port: number;
  listener: RequestListener;
  /** Classes of requests and responses; see message-classes.ts. */
  messages?: Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>;
  /** Awaited first when stopping; requests are still answered meanwhile. */
  beforeClose?: () => Promise<void>;
  /** For how long connections that are there when the door closes may bring further requests (ms); default 0. */
  lingerMs?: number;
  /** Told of each request that the parser refused. */
  onBroken?: (code: ErrorCode) => void;
}

/**
 * Longer than the 60–65 s for which Nginx and cloud load balancers keep idle connections: the side that closes first must
 * be the one that sends requests, or one of them hits a connection that is just going away.
 */
const KEEP_ALIVE_MS = 75_000;
/** Headers in full, from the first byte (ms). Must not be shorter than what a slow phone needs, nor help a slow-loris. */
const HEADERS_TIMEOUT_MS = 15_000;
/** The whole request; 64 KiB in this time is 2 KiB/s (ms). */
const REQUEST_TIMEOUT_MS = 30_000;

/** Connections that the kernel keeps until they are taken; beyond, whoever comes tries again after a second. Linux has a bound of its own, 4096. */
const BACKLOG = 4_096;

/** A node:http server as a service. */
export class HttpServer implements Service {
  readonly name: string;
  /** For the upgrade event of the WebSocket gateway. */
  readonly node: Server;
  private stopping: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private lastConnection: Promise<void> | undefined;
  private lingerUntil = 0;

  constructor(private readonly options: HttpServerOptions) {
    this.name = options.name;
    this.node = createServer({
      ...options.messages,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Node would answer a missing Host with an empty 400; the application has a better one.
      requireHostHeader: false,
    });
    const listener = newcomersFirst(this.node, options.listener);
    this.node.on('request', listener);
    // An expectation nobody knows may be passed over (RFC 9110, 10.1.1); Node would answer an empty 417.
    this.node.on('checkExpectation', listener);
    this.node.on('clientError', (error, socket) => {
      const code = answerBrokenRequest(error, socket);
      if (code !== null) options.onBroken?.(code);
    });
  }

  /** Rejects when the address is taken. */
  async start(): Promise<void> {
    const { host, port } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.node.once('error', reject);
      this.node.listen({ host, port, backlog: BACKLOG }, () => {
        this.node.off('error', reject);
        resolve();
      });
    });
  }

  /** Where it listens; throws before `start`. */
  address(): { host: string; port: number; url: string } {
    const address = this.node.address() as AddressInfo | null;
    if (address === null) throw new Error(`${this.name} does not listen`);
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return { host: address.address, port: address.port, url: `http://${host}:${address.port}` };
  }

  /** Whether new connections are refused. */
  get isDoorClosed(): boolean {
    return this.lastConnection !== undefined;
  }

  /** Takes no new connections; those there are go on. Resolves when it is so. */
  closeDoor(): Promise<void> {
    this.closing ??= this.refuseConnections();
    return this.closing;
  }

  /** Takes no new connections, lets idle ones linger, and ends when the last request is answered. */
  stop(): Promise<void> {
    this.stopping ??= this.close();
    return this.stopping;
  }

  private async refuseConnections(): Promise<void> {
    const { lingerMs = 0 } = this.options;
    if (lingerMs > 0) await nobodyWaiting(this.node);
    if (!this.node.listening) return;
    this.lingerUntil = performance.now() + lingerMs;
    this.lastConnection = new Promise((resolve) => {
      // The close of node:http ends idle connections as well.
      NetServer.prototype.close.call(this.node, () => resolve());
    });
  }

  private async close(): Promise<void> {
    if (this.node.listening) await this.options.beforeClose?.();
    await this.closeDoor();
    if (this.lastConnection === undefined) return;
    const timer = new AbortController();
    const leftMs = Math.max(0, this.lingerUntil - performance.now());
    await Promise.race([this.lastConnection, delay(leftMs, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
    // A connection that is busy now ends with its answer, not when its client is done with it.
    this.node.keepAliveTimeout = 1;
    // Ends the idle connections, and the timer that looks after slow ones.
    this.node.close();
    await this.lastConnection;
  }
}
