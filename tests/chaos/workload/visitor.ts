import { setTimeout as delay } from 'node:timers/promises';
import type { LocalCluster } from '../../../services/local/local-cluster.ts';
import { bearerEndpoint } from '../../../shared/protocol/client/bearer-endpoint.ts';
import { LiveConnection } from '../../../shared/protocol/client/live-connection.ts';
import type { RunStatus } from '../../../shared/workflow/run-state.ts';
import type { Answer, SocketStory } from '../evidence/evidence.ts';
import { type RecordingSockets, recordingSockets } from '../evidence/recording-socket.ts';

/** One HTTP request of a visitor. */
export interface Request {
  kind: string;
  door: Door;
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** The client hangs up after this (ms). */
  patienceMs: number;
}

export interface Door {
  id: string;
  url: string;
}

/** Somebody who uses the cluster: a live connection through Nginx, and requests of which every answer is kept. */
export class Visitor {
  private readonly sockets: RecordingSockets;
  private live: LiveConnection;

  private constructor(
    readonly id: string,
    private readonly token: string,
    private readonly nginxUrl: string,
    stories: SocketStory[],
  ) {
    this.sockets = recordingSockets(id, stories);
    this.live = this.connection().start();
  }

  static async enter(cluster: LocalCluster, id: string, stories: SocketStory[]): Promise<Visitor> {
    return new Visitor(id, await cluster.token(id), cluster.nginxUrl, stories);
  }

  get isLive(): boolean {
    return this.live.state.kind === 'live';
  }

  dropSocket(): void {
    this.sockets.drop();
  }

  /** Goes, and comes back after a while where it stopped. */
  async leave(forMs: number): Promise<void> {
    const left = this.live;
    await left.stop();
    await delay(forMs);
    // Another wish of the same visitor may have done the same meanwhile.
    if (this.live === left) this.live = this.connection(left).start();
  }

  hurry(): void {
    this.live.reconnectNow();
  }

  close(): Promise<void> {
    return this.live.stop();
  }

  /** Sends one request, once. Never rejects: no answer is an answer with status 0. */
  async ask(request: Request): Promise<Answer> {
    const { kind, door, method, path, body, headers, patienceMs } = request;
    const known = { user: this.id, kind, door: door.id, sentAt: Date.now() };
    try {
      const response = await fetch(`${door.url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(patienceMs),
      });
      const text = await response.text();
      const said = objectIn(text);
      const seconds = response.headers.get('retry-after');
      return {
        ...known,
        at: Date.now(),
        status: response.status,
        code: textOf(said.code) ?? (response.ok ? null : text.slice(0, 80)),
        replica: response.headers.get('x-replica'),
        retryAfter: seconds === null ? null : Number(seconds),
        runId: textOf(said.run_id) ?? textOf(said.id),
        runStatus: response.ok ? (textOf(said.status) as RunStatus | null) : null,
        unplaced: isUnplaced(said),
      };
    } catch (error) {
      const code = error instanceof Error ? error.name : String(error);
      return {
        ...known,
        at: Date.now(),
        status: 0,
        code,
        replica: null,
        retryAfter: null,
        runId: null,
        runStatus: null,
        unplaced: false,
      };
    }
  }

  private connection(after?: LiveConnection): LiveConnection {
    return new LiveConnection({
      endpoint: bearerEndpoint(this.nginxUrl, () => this.token),
      WebSocket: this.sockets.WebSocket,
      position: after?.resumePosition ?? null,
    });
  }
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isUnplaced({ queue }: Record<string, unknown>): boolean {
  return typeof queue === 'object' && queue !== null && 'position' in queue && queue.position === null;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null);
