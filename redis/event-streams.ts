import { randomUUID } from 'node:crypto';
import type { EventData, EventFrame, EventType } from '../shared/protocol/events.ts';
import type { RedisConnections } from './client.ts';
import type { Keys } from './keys.ts';
import type { StreamPosition } from './results.ts';
import type { ScriptRunner } from './script-runner.ts';
import { RedisUnavailable } from './unavailable.ts';

/** Life (ms) of a stream after its last `open`, which is repeated while sockets are open; a client may resume that long after. */
export const STREAM_LIFE_MS = 60 * 60 * 1000;
/** Events kept of a user, approximately (Redis trims whole blocks of about 100). */
const STREAM_MAX_LENGTH = 1_000;

/**
 * An event for one user. `dedupeId`: another event of this user with the same id is swallowed. `notAfter`: dedupe ids of events that make this
 * one stale; when one of them came first, through whatever replica, it is swallowed too. `traceparent`: of what it tells of; null: none.
 */
export type UserEvent = {
  [Type in EventType]: {
    userId: string;
    type: Type;
    data: EventData<Type>;
    dedupeId?: string;
    notAfter?: readonly string[];
    traceparent?: string | null;
  };
}[EventType];

/** The users' streams: events that are stored, numbered, sent to every replica and replayed on resume. */
export class EventStreams {
  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: Keys,
    private readonly connections: Pick<RedisConnections, 'command' | 'server' | 'askServer'>,
  ) {}

  /** Publishes in the order given, sent at once. Rejects if any was not taken; a repeat is safe for those with a `dedupeId`. */
  async publish(events: readonly UserEvent[]): Promise<void> {
    if (events.length === 0) return;
    // Known while the connection stands, and then nothing is waited for: the order of calls is the order of events.
    const server = this.connections.server ?? (await this.connections.askServer());
    const epochOffer = randomUUID();
    const at = new Date().toISOString();
    const calls = events.map(({ userId, type, data, dedupeId = '', notAfter = [], traceparent }) => {
      const frame = JSON.stringify(traceparent == null ? { type, data, at } : { type, data, at, traceparent });
      const channel = this.keys.userEvents(userId);
      const stale = notAfter.join(' ');
      return { userId, args: [channel, STREAM_LIFE_MS, STREAM_MAX_LENGTH, dedupeId, frame, server, epochOffer, stale] };
    });
    await this.scripts.users('publishEvent', calls);
  }

  /** Sends a frame to the user's sockets that are open now; it is not stored and has no offset. */
  async publishLive(userId: string, frame: EventFrame): Promise<void> {
    await this.ask(this.connections.command.publish(this.keys.userEvents(userId), JSON.stringify(frame)));
  }

  /**
   * Begins a user's stream if there is none and says where it stands. To miss nothing: subscribe, `open`, `history`, then what came
   * meanwhile. Call it again at least every quarter of an hour while the user has sockets, so that the stream stays.
   */
  async open(userId: string, epochOffer: string = randomUUID()): Promise<StreamPosition> {
    const server = this.connections.server ?? (await this.connections.askServer());
    const [epoch, offset, oldest, since] = await this.scripts.user(
      'openStream',
      userId,
      STREAM_LIFE_MS,
      server,
      epochOffer,
    );
    return { epoch, offset, oldest, since };
  }

  /** Frames from offset `from` to `to`, both included (`to` left out: the newest). */
  async history(userId: string, from: number, to?: number): Promise<EventFrame[]> {
    const end = to === undefined ? '+' : `${to}-0`;
    const entries = await this.ask(this.connections.command.xrange(this.keys.user(userId, 'stream'), `${from}-0`, end));
    return entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as EventFrame);
  }

  private async ask<Reply>(reply: Promise<Reply>): Promise<Reply> {
    try {
      return await reply;
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }
}
