import { connect } from 'node:net';
import { z } from 'zod';
import { createApp } from '../../../services/api/http/app.ts';
import { HttpServer } from '../../../services/api/http/http-server.ts';
import { defineRoute } from '../../../services/api/http/route.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { createMetrics, type Metrics } from '../../../shared/observability/metrics.ts';
import { recordedLog } from '../recorded-log.ts';
import { type HttpClient, httpClient } from './http-client.ts';

const answer = { status: 200, description: 'ok', schema: z.unknown() };
const route = { tag: 't', summary: 's', access: 'public', input: {}, answer } as const;
const routes = [
  defineRoute({
    ...route,
    method: 'post',
    path: '/echo',
    input: { body: z.unknown() },
    handle: ({ body }) => ({ body }),
  }),
  defineRoute({ ...route, method: 'get', path: '/things/:id', handle: () => ({ body: {} }) }),
  defineRoute({
    ...route,
    method: 'get',
    path: '/broken',
    handle() {
      throw new TypeError('secret detail of ours');
    },
  }),
  defineRoute({
    ...route,
    method: 'get',
    path: '/storage',
    handle() {
      throw new WeirError('storage_unavailable', { cause: new Error('ECONNREFUSED'), retryAfterSeconds: 2.2 });
    },
  }),
  defineRoute({
    ...route,
    method: 'get',
    path: '/mine',
    access: 'user',
    handle: ({ caller }) => ({ body: caller }),
  }),
  defineRoute({
    ...route,
    method: 'get',
    path: '/ours',
    access: 'admin',
    handle: ({ caller }) => ({ body: caller }),
  }),
];

/** The app behind a real server, with routes that echo, break, and are for some only. Any token is good; one that ends in `admin` is an administrator's. */
export class Door {
  readonly log = recordedLog();
  readonly metrics: Metrics = createMetrics();
  /** What the parser of HTTP refused. */
  readonly refused: string[] = [];
  isLastAnswer = false;
  private readonly server: HttpServer;

  private constructor() {
    const listener = createApp({
      replica: 'r7',
      log: this.log,
      metrics: this.metrics,
      isLastAnswer: () => this.isLastAnswer,
      authenticator: {
        async authenticateHeader(header) {
          if (header === undefined) throw new WeirError('unauthenticated', { logDetail: 'none sent' });
          return { userId: 'ann', role: header.endsWith('admin') ? 'admin' : 'user', expiresAt: 0 };
        },
      },
      routes,
    });
    this.server = new HttpServer({
      name: 'test',
      host: '127.0.0.1',
      port: 0,
      listener,
      onBroken: (code) => this.refused.push(code),
    });
  }

  static async open(): Promise<Door> {
    const door = new Door();
    await door.server.start();
    return door;
  }

  get url(): string {
    return this.server.address().url;
  }

  get http(): HttpClient {
    return httpClient(this.url);
  }

  /** Sends `text` and is gone. */
  hangUp(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.server.address().port, '127.0.0.1', () => socket.write(text, () => socket.destroy()));
      socket.on('error', reject);
      socket.on('close', () => resolve());
    });
  }

  close(): Promise<void> {
    return this.server.stop();
  }
}
