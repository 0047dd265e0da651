import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { CLOSE_CODES } from '../../../shared/protocol/close-codes.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import type { Connection } from './connection.ts';
import { type LocalUser, localUser } from './local-user.ts';
import { ownFrame } from './wire-frame.ts';

/** Sockets closed in one turn of the event loop when stopping. */
const CLOSES_PER_TURN = 500;
/** Of RFC 6455, 11.7. */
const LAST_STANDARD_CODE = 1_015;
/** How long a stopping hub waits for its peers to answer the close frame (ms); the rest is cut. */
const CLOSE_WITHIN_MS = 3_000;

export interface HubDeps {
  replica: string;
  sweepMs: number;
  metrics: Pick<Metrics, 'realtime'>;
  log: Logger;
  /** A user's last socket here is gone. */
  onUserGone(user: LocalUser): void;
  /** The clock of everything that looks at all sockets or users now and then; `now` in Unix ms. */
  onSweep(now: number): void;
}

/** The sockets of this process, by user. */
export class Hub {
  private readonly byUser = new Map<string, LocalUser>();
  private readonly all = new Set<Connection>();
  private timer: NodeJS.Timeout | undefined;
  private emptied: (() => void) | undefined;

  constructor(private readonly deps: HubDeps) {}

  get users(): ReadonlyMap<string, LocalUser> {
    return this.byUser;
  }

  get connections(): ReadonlySet<Connection> {
    return this.all;
  }

  start(): void {
    this.timer ??= setInterval(() => this.sweep(Date.now()), this.deps.sweepMs);
  }

  add(connection: Connection): LocalUser {
    const { userId } = connection.peer;
    const user = this.byUser.get(userId) ?? localUser(userId);
    this.byUser.set(userId, user);
    user.connections.push(connection);
    this.all.add(connection);
    this.deps.metrics.realtime.sockets.set(this.all.size);
    return user;
  }

  remove(connection: Connection, code: number): void {
    if (!this.all.delete(connection)) return;
    const { userId, correlationId } = connection.peer;
    const { metrics, log } = this.deps;
    metrics.realtime.sockets.set(this.all.size);
    metrics.realtime.closes.inc({ code: codeLabel(code) });
    const seconds = (Date.now() - connection.openedAt) / 1_000;
    log.info('socket closed', { correlation_id: correlationId, user_id: userId, code, open_seconds: seconds });
    const user = this.byUser.get(userId);
    user?.connections.splice(user.connections.indexOf(connection), 1);
    if (user?.connections.length === 0) {
      this.byUser.delete(userId);
      this.deps.onUserGone(user);
    }
    if (this.all.size === 0) this.emptied?.();
  }

  /** Tells every socket to come back elsewhere, and resolves when all are gone. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.all.size === 0) return;
    const { replica, log } = this.deps;
    log.info('closing sockets', { count: this.all.size });
    const empty = new Promise<void>((resolve) => {
      this.emptied = resolve;
    });
    const goodbye = ownFrame('SERVER_DRAINING', { message: TEXTS.draining, replica });
    let closed = 0;
    for (const connection of [...this.all]) {
      connection.send(goodbye);
      connection.close('draining');
      if (++closed % CLOSES_PER_TURN === 0) await new Promise(setImmediate);
    }
    const cut = setTimeout(() => {
      for (const connection of [...this.all]) connection.terminate();
    }, CLOSE_WITHIN_MS);
    await empty;
    clearTimeout(cut);
  }

  private sweep(now: number): void {
    for (const connection of this.all) connection.sweep(now);
    this.deps.onSweep(now);
  }
}

/** Standard codes and ours by number; clients may send thousands of others. */
function codeLabel(code: number): string {
  const known = code <= LAST_STANDARD_CODE || Object.values(CLOSE_CODES).some((ours) => ours.code === code);
  return known ? String(code) : 'other';
}
