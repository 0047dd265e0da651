import type { EventStreams } from '../../../redis/event-streams.ts';
import type { ConcurrencyLimit } from '../../../shared/resilience/concurrency-limit.ts';
import type { Connection } from './connection.ts';
import type { LocalUser } from './local-user.ts';
import { wireFrame } from './wire-frame.ts';

/** Frames read from the history at once. */
const PAGE = 100;

export interface SentHistoryDeps {
  events: Pick<EventStreams, 'history'>;
  reads: ConcurrencyLimit;
}

/** What is kept of a user's stream, sent to one socket. */
export class SentHistory {
  constructor(private readonly deps: SentHistoryDeps) {}

  /** From the socket's place on to offset `to`, or to the first frame that is missing or of another epoch. */
  async send(user: LocalUser, connection: Connection, to: number): Promise<void> {
    for (let from = -1; connection.open && from < connection.offset && connection.offset < to; ) {
      from = connection.offset;
      await this.sendPage(user, connection, Math.min(to, from + PAGE));
    }
  }

  private async sendPage(user: LocalUser, connection: Connection, to: number): Promise<void> {
    const from = connection.offset + 1;
    const page = await this.deps.reads.run(() => this.deps.events.history(user.id, from, to));
    for (const frame of page) {
      if (frame.epoch !== connection.epoch || frame.offset !== connection.offset + 1) return;
      connection.sendNext(wireFrame(frame), frame.offset);
      // Paced by the client, outside the limit on reads: who reads slowly holds up nobody else.
      if (connection.congested) await connection.flushed();
      if (!connection.open) return;
    }
  }
}
