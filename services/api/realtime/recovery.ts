import type { EventStreams } from '../../../redis/event-streams.ts';
import type { StreamPosition } from '../../../redis/results.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { ConcurrencyLimit } from '../../../shared/resilience/concurrency-limit.ts';
import type { Connection } from './connection.ts';
import type { LocalUser } from './local-user.ts';
import { SentHistory } from './sent-history.ts';
import type { Snapshots } from './snapshot.ts';
import { isKept, isRenewed, type Place, placeOfSnapshot } from './stream-place.ts';
import { ownFrame } from './wire-frame.ts';

/** Reads of Redis and Postgres under way for recoveries: a whole cluster reconnecting must not starve the rest. */
const READS_AT_ONCE = 32;
/** Passes over one socket without a pause; more means that stream and head contradict each other. */
const MAX_PASSES = 5;

interface Run {
  again: boolean;
  ended: Promise<void>;
}

/** What a recovery had to send first: a snapshot, the word that the client is resumed, or nothing to a socket that was live before. */
export type Greeting = 'snapshot' | 'resumed' | 'none';

export interface RecoveryDeps {
  events: Pick<EventStreams, 'open' | 'history'>;
  subscribed(user: LocalUser): Promise<void>;
  snapshots: Pick<Snapshots, 'of' | 'cluster'>;
  replica: string;
  /** A socket has been brought up to date, for the first time or again. */
  onLive(connection: Connection, greeting: Greeting): void;
  onSnapshot(user: LocalUser, runs: Awaited<ReturnType<Snapshots['of']>>['runs']): void;
  metrics: Pick<Metrics, 'realtime'>;
  log: Logger;
}

/**
 * Brings a socket to the head of its user's stream without gap or repeat, at connect and whenever something may have been missed:
 *
 * 1. The user's channel is subscribed first, so everything published from then on is at least noticed.
 * 2. Then the stream's head is read. A client whose position is in the kept history is resumed from there; anybody else gets a
 *    snapshot from Postgres, read after the head, so it knows at least as much as the stream up to the head.
 *    An open socket whose stream goes on under a new epoch (Redis was restarted, and may have lost the end) gets the snapshot where
 *    the new epoch begins, between what is kept of the old one and what has been published since: if nothing was lost, nothing is missed.
 * 3. While a socket recovers, the history is its only source: what arrives live is noted by number, not kept. The history is read
 *    on until the socket has all that was noted; in that same turn of the event loop it goes live.
 *
 * A recovery that cannot be finished (Redis or Postgres away) is tried again by {@link retry}; the socket stays.
 */
export class Recovery {
  private readonly reads = new ConcurrencyLimit(READS_AT_ONCE);
  /** Recoveries under way, with whether something happened since that they may not have seen. */
  private readonly running = new Map<Connection, Run>();
  private readonly unfinished = new Map<Connection, LocalUser>();

  private readonly history: SentHistory;

  constructor(private readonly deps: RecoveryDeps) {
    this.history = new SentHistory({ events: deps.events, reads: this.reads });
  }

  /** Sockets that wait for Redis or Postgres. */
  get backlog(): number {
    return this.unfinished.size;
  }

  request(user: LocalUser, connection: Connection): void {
    connection.phase = 'recovering';
    this.unfinished.delete(connection);
    const running = this.running.get(connection);
    if (running) running.again = true;
    else this.begin(user, connection);
  }

  /** Tries unfinished recoveries again: a few, which show whether it works, and with the first success all. */
  retry(): void {
    this.requestUnfinished(READS_AT_ONCE);
  }

  forget(connection: Connection): void {
    this.unfinished.delete(connection);
  }

  private requestUnfinished(count: number): void {
    for (const [connection, user] of [...this.unfinished].slice(0, count)) this.request(user, connection);
  }

  /** Resolves when no recovery is under way. */
  async settled(): Promise<void> {
    await Promise.all([...this.running.values()].map((run) => run.ended));
  }

  private begin(user: LocalUser, connection: Connection): void {
    const run: Run = { again: false, ended: Promise.resolve() };
    this.running.set(connection, run);
    run.ended = this.passes(user, connection, run);
  }

  private async passes(user: LocalUser, connection: Connection, run: Run): Promise<void> {
    try {
      for (let pass = 0; connection.open && (pass === 0 || run.again); pass++) {
        if (pass === MAX_PASSES) throw new Error('the stream does not settle');
        run.again = false;
        await this.recover(user, connection, run);
      }
      this.requestUnfinished(this.unfinished.size);
    } catch (error) {
      this.deps.log.debug('recovery has to wait', { correlation_id: connection.peer.correlationId, error });
      if (connection.open) this.unfinished.set(connection, user);
    } finally {
      // In the same turn as the last look at `again`: what is asked for from here on begins a run of its own.
      this.running.delete(connection);
    }
  }

  private async recover(user: LocalUser, connection: Connection, run: Run): Promise<void> {
    let head: StreamPosition;
    // What was noted before the head is read is below the head, unless Redis has lost its last second; then it is gone.
    connection.knownOffset = 0;
    try {
      await this.deps.subscribed(user);
      head = await this.reads.run(() => this.deps.events.open(user.id));
    } catch (error) {
      if (!connection.greeted && connection.open) await this.snapshot(user, connection, null);
      throw error;
    }
    if (!connection.open) return;
    let greeting: Greeting = 'none';
    if (isRenewed(connection, head)) {
      greeting = 'snapshot';
      await this.history.send(user, connection, head.since);
      await this.snapshot(user, connection, placeOfSnapshot(head));
    } else if (!isKept(connection, head)) {
      greeting = 'snapshot';
      await this.snapshot(user, connection, head);
    } else if (!connection.greeted) {
      greeting = 'resumed';
      await this.resume(connection, head);
    }
    await this.catchUp(user, connection, head.offset, run);
    if (!connection.open || run.again) return;
    connection.phase = 'live';
    this.deps.onLive(connection, greeting);
  }

  private async resume(connection: Connection, head: StreamPosition): Promise<void> {
    const cluster = await this.deps.snapshots.cluster();
    if (!connection.open) return;
    const replayed = head.offset - connection.offset;
    const data = { recovered: true as const, replica: this.deps.replica, replayed, ...cluster };
    connection.send(ownFrame('RESUMED', data, { epoch: head.epoch, offset: connection.offset }));
    connection.greeted = true;
    this.deps.metrics.realtime.resumes.inc({ outcome: 'resumed' });
  }

  /** `head`: what the client has with it; null: Redis is away. The client keeps its position then, and what it missed is sent when Redis is back. */
  private async snapshot(user: LocalUser, connection: Connection, head: Place | null): Promise<void> {
    const data = await this.reads.run(() => this.deps.snapshots.of(user.id, head === null));
    if (!connection.open) return;
    if (head === null) {
      connection.send(ownFrame('SNAPSHOT', data));
    } else {
      const outcome = connection.epoch === null ? 'fresh' : 'snapshot';
      connection.send(ownFrame('SNAPSHOT', data, { epoch: head.epoch, offset: head.offset }));
      connection.epoch = head.epoch;
      connection.offset = head.offset;
      this.deps.metrics.realtime.resumes.inc({ outcome });
    }
    connection.greeted = true;
    this.deps.onSnapshot(user, data.runs);
  }

  /** Sends the history after the socket's position, until nothing is known that it has not got. */
  private async catchUp(user: LocalUser, connection: Connection, target: number, run: Run): Promise<void> {
    connection.knownOffset = Math.max(connection.knownOffset, target);
    while (connection.open && connection.offset < connection.knownOffset) {
      const from = connection.offset;
      await this.history.send(user, connection, connection.knownOffset);
      if (connection.offset > from) continue;
      if (!connection.open) return;
      // Trimmed, lapsed or replaced since the head was read: begin again, with a snapshot this time.
      run.again = true;
      return;
    }
  }
}
