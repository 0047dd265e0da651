import type { EventStreams, UserEvent } from '../../redis/event-streams.ts';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { EventFrame } from '../../shared/protocol/events.ts';
import { fullJitter } from '../../shared/resilience/backoff.ts';

/** What is told in one go (a start and its first step, the last step and the end) leaves together. */
const endOfTurn = () => new Promise<void>((resolve) => process.nextTick(resolve));

type Entry = { stored: UserEvent } | { live: EventFrame };

const RETRY_BASE_MS = 200;
const RETRY_CAP_MS = 3_000;

export interface EventOutboxDeps {
  events: Pick<EventStreams, 'publish' | 'publishLive'>;
  userId: string;
  log: Logger;
}

/**
 * The events of one run on their way to its user, in order. Stored ones wait here until Redis has taken them, however long it is
 * away (their dedupe ids make a repeat harmless); live ones are for those who watch now, and are dropped when it is away.
 */
export class EventOutbox {
  private pending: Entry[] = [];
  private sending: Promise<void> | undefined;
  private readonly closing = new AbortController();
  private redisAway = false;

  constructor(private readonly deps: EventOutboxDeps) {}

  store(event: UserEvent): void {
    this.add({ stored: event });
  }

  live(frame: EventFrame): void {
    if (!this.redisAway) this.add({ live: frame });
  }

  /** Resolves when everything added so far is with Redis, or when the outbox is closed. */
  async flushed(): Promise<void> {
    await this.sending;
  }

  /** Drops what is left. */
  close(): void {
    // With a reason: the error that is made without one costs as much as sending an event.
    this.closing.abort('closed');
    this.pending = [];
  }

  private add(entry: Entry): void {
    if (this.closing.signal.aborted) return;
    this.pending.push(entry);
    this.sending ??= this.sendAll();
  }

  private async sendAll(): Promise<void> {
    await endOfTurn();
    for (let failures = 0; this.pending.length > 0; ) {
      const batch = this.pending.splice(0);
      try {
        await this.send(batch);
        failures = 0;
        this.redisAway = false;
      } catch (error) {
        if (!this.redisAway) this.deps.log.warn('events not sent, trying again', { error });
        this.redisAway = true;
        this.pending = [...batch, ...this.pending].filter((entry) => 'stored' in entry);
        await abortableDelay(fullJitter(failures++, RETRY_BASE_MS, RETRY_CAP_MS), this.closing.signal);
        if (this.closing.signal.aborted) this.pending = [];
      }
    }
    // In the same turn as the look at `pending`: what is added next starts anew.
    this.sending = undefined;
  }

  /** Everything goes over one connection in the order of these calls, so a live frame stays between its neighbours. */
  private async send(batch: readonly Entry[]): Promise<void> {
    const calls: Promise<unknown>[] = [];
    let stored: UserEvent[] = [];
    const publish = () => {
      if (stored.length > 0) calls.push(this.deps.events.publish(stored));
      stored = [];
    };
    for (const entry of batch) {
      if ('stored' in entry) stored.push(entry.stored);
      else {
        publish();
        calls.push(this.deps.events.publishLive(this.deps.userId, entry.live));
      }
    }
    publish();
    const failed = (await Promise.allSettled(calls)).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}
