import type { ChatMessages, MessageRow, Undelivered } from '../../../db/repositories/chat-messages.ts';
import type { Channels } from '../../../redis/channels.ts';
import type { EventStreams, UserEvent } from '../../../redis/event-streams.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { messageAnswer } from './message-answer.ts';

/** Messages put into the streams at once: with 50 people a thousand scripts, some ten milliseconds of Redis. */
const PAGE = 20;
/** Between two looks for undelivered messages (ms), spread so that replicas do not look together; and their age then, as those just stored are under way. */
const LOOK_EVERY_MS = 5_000;
const OVERDUE_MS = 3_000;
const CHATS_PER_LOOK = 100;
/** Chats of which this replica remembers how far it has delivered; the mark in Postgres is a moment behind. */
const REMEMBERED_CHATS = 1_000;

export interface DeliveryDeps {
  messages: Pick<ChatMessages, 'after' | 'delivered' | 'undelivered'>;
  events: Pick<EventStreams, 'publish'>;
  channels: Pick<Channels, 'onResubscribed'>;
  metrics: Pick<Metrics, 'chat'>;
  log: Logger;
  /** Tests make it short. */
  lookEveryMs?: number;
  overdueMs?: number;
}

/**
 * Puts messages into the streams of all who take part, each run's in their order: whoever delivers message n first delivers what nobody
 * has said to have delivered before it. Two replicas may do so at once; the second copy of a message is swallowed by each stream. What
 * was left undelivered (a replica died, Redis was away) is found and delivered by any replica.
 */
export class Delivery implements Service {
  readonly name = 'chat delivery';
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly doneHere = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private unlisten = (): void => {};
  private stopped = true;

  constructor(private readonly deps: DeliveryDeps) {}

  async start(): Promise<void> {
    this.stopped = false;
    this.unlisten = this.deps.channels.onResubscribed(() => void this.look(0));
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.unlisten();
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** `newest`: the message with number `lastSeq`, where it is at hand. Never rejects: what fails is found by the next look. */
  deliver(chat: Undelivered, newest?: MessageRow): Promise<void> {
    const { delivered } = this.deps.metrics.chat;
    const delivering = this.deliverAll(chat, newest)
      .then(() => {
        this.mark(chat);
        delivered.inc({ way: newest === undefined ? 'late' : 'at_once' }, chat.lastSeq - chat.deliveredSeq);
      })
      .catch((error: unknown) => this.deps.log.debug('messages are delivered later', { run_id: chat.runId, error }));
    return this.track(delivering);
  }

  /** Delivers what is overdue by `overdueMs`. Never rejects. */
  async look(overdueMs = this.deps.overdueMs ?? OVERDUE_MS): Promise<void> {
    const chats = await this.deps.messages.undelivered(overdueMs, CHATS_PER_LOOK).catch(() => []);
    for (const chat of chats) {
      if (this.stopped) return;
      await this.deliver(chat);
    }
  }

  private async deliverAll(chat: Undelivered, newest: MessageRow | undefined): Promise<void> {
    const { runId, lastSeq, people } = chat;
    const deliveredSeq = Math.max(chat.deliveredSeq, this.doneHere.get(runId) ?? 0);
    if (newest !== undefined && deliveredSeq === lastSeq - 1) return this.publish([newest], people);
    for (let done = deliveredSeq; done < lastSeq; ) {
      const page = await this.deps.messages.after(runId, done, Math.min(PAGE, lastSeq - done));
      const last = page.at(-1);
      if (last === undefined) return;
      await this.publish(page, people);
      done = last.seq;
    }
  }

  /** All people hear a message before anybody hears the next. */
  private async publish(messages: readonly MessageRow[], people: readonly string[]): Promise<void> {
    const events = messages.flatMap((message) =>
      people.map(
        (userId): UserEvent => ({
          userId,
          type: 'CHAT_MESSAGE',
          data: messageAnswer(message),
          dedupeId: `${message.runId}:CHAT_MESSAGE:${message.seq}`,
        }),
      ),
    );
    await this.deps.events.publish(events);
  }

  /** Nobody waits for it: the message is delivered, and a mark that is lost only makes somebody deliver it again. */
  private mark({ runId, lastSeq }: Undelivered): void {
    if (this.doneHere.size >= REMEMBERED_CHATS) this.doneHere.clear();
    this.doneHere.set(runId, Math.max(lastSeq, this.doneHere.get(runId) ?? 0));
    void this.track(this.deps.messages.delivered(runId, lastSeq).catch(() => {}));
  }

  private track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => this.underWay.delete(tracked));
    this.underWay.add(tracked);
    return tracked;
  }

  private schedule(): void {
    const { lookEveryMs = LOOK_EVERY_MS } = this.deps;
    this.timer = setTimeout(
      async () => {
        await this.track(this.look());
        if (!this.stopped) this.schedule();
      },
      lookEveryMs * (0.75 + Math.random() / 2),
    );
  }
}
