import type { Redis } from 'ioredis';
import type { Logger } from '../shared/observability/logger.ts';
import type { EventFrame } from '../shared/protocol/events.ts';
import { CHANNELS, type Channel, type Keys } from './keys.ts';
import type { ControlMessage, LevelState, RunWord } from './results.ts';
import { RedisUnavailable } from './unavailable.ts';

type Handler<Message> = (message: Message) => void;
type Unsubscribe = () => void;
/** `json` is the frame as it was published, to be sent on as it is. */
export type UserHandler = (frame: EventFrame, json: string) => void;

/** Reasons of a wake-up that come with limits: an administrator's change (setLimits), and the end of a rebuild (finishRebuild). */
const LIMITS_REASONS: readonly string[] = ['limits', 'rebuilt'];

/** Channels in one SUBSCRIBE: with ten thousand users of a replica, one command would be half a megabyte. */
const SUBSCRIBE_BATCH = 1_000;

/**
 * What Redis tells at once. Nothing here is certain: what is published while the connection is down is gone, which is why
 * `onResubscribed` exists. A subscription is a standing wish: it holds again after every reconnect, until it is taken back.
 */
export class Channels {
  private readonly listeners = new Map<string, Set<Handler<string>>>();
  private readonly users = new Map<string, UserHandler>();
  private readonly runs = new Map<string, Handler<RunWord>>();
  private readonly resubscribed = new Set<() => void>();

  constructor(
    private readonly subscriber: Redis,
    private readonly publisher: Redis,
    private readonly keys: Keys,
    private readonly log: Logger,
  ) {
    for (const channel of Object.keys(CHANNELS) as Channel[]) this.listeners.set(keys.channel(channel), new Set());
    this.listeners.set(keys.providerChanges(), new Set());
    subscriber.on('message', (channel: string, message: string) => this.deliver(channel, message));
    subscriber.on('ready', () => void this.subscribeAll());
  }

  /** Something the leader may act upon: a freed slot, a new entry in the queue, new limits. */
  onWake(handler: () => void): Unsubscribe {
    return this.listen('wake', handler);
  }

  /** The cluster's limits have been set, here or by another replica. */
  onLimits(handler: () => void): Unsubscribe {
    return this.listen('wake', (reason) => {
      if (LIMITS_REASONS.includes(reason)) handler();
    });
  }

  /** Orders to replicas; each takes what concerns it. */
  onControl(handler: Handler<ControlMessage>): Unsubscribe {
    return this.listen('control', (message) => handler(JSON.parse(message) as ControlMessage));
  }

  /** Changes of the capacity level; `sequence` tells the later of two. */
  onAnnounce(handler: Handler<LevelState>): Unsubscribe {
    return this.listen('announce', (message) => handler(JSON.parse(message) as LevelState));
  }

  /** A comfort was switched, or forced; the number tells the later of two. */
  onFeatures(handler: Handler<number>): Unsubscribe {
    return this.listen('featureChanges', (message) => handler(Number(message)));
  }

  /** A leader that stops has given the lock up. */
  onLeaderLeft(handler: () => void): Unsubscribe {
    return this.listen('leaderLeft', handler);
  }

  /** The breaker of a model provider has opened or closed, or an administrator has chosen another one. */
  onProviders(handler: () => void): Unsubscribe {
    return remember(this.listeners.get(this.keys.providerChanges()) ?? new Set(), handler);
  }

  /** Called each time all subscriptions hold (again) after connecting: whatever was published before may have been missed. */
  onResubscribed(handler: () => void): Unsubscribe {
    return remember(this.resubscribed, handler);
  }

  /** A trace has failed here: replicas that hold a part of it export it. */
  tellKeepTrace(traceId: string): Promise<void> {
    return this.control({ kind: 'keep_trace', traceId });
  }

  /** An administrator wants that replica to end. Lost if its connection is down at this moment: it may be said again. */
  orderDrain(replica: string): Promise<void> {
    return this.control({ kind: 'drain', replica });
  }

  /** Told after the lock is released, so that candidates need not wait for their next try. */
  announceLeaderLeft(): Promise<void> {
    return this.publish('leaderLeft', '');
  }

  /** What people at a run do just now; one handler a run. Holds like a user's subscription. */
  async subscribeRun(runId: string, handler: Handler<RunWord>): Promise<void> {
    const channel = this.keys.runComforts(runId);
    this.runs.set(channel, handler);
    try {
      await this.subscriber.subscribe(channel);
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }

  async unsubscribeRun(runId: string): Promise<void> {
    const channel = this.keys.runComforts(runId);
    this.runs.delete(channel);
    await this.subscriber.unsubscribe(channel).catch(() => {});
  }

  /** One handler a user. Resolves when it holds; a rejection means "not yet": the wish stands, and `onResubscribed` tells when. */
  async subscribeUser(userId: string, handler: UserHandler): Promise<void> {
    const channel = this.keys.userEvents(userId);
    this.users.set(channel, handler);
    try {
      await this.subscriber.subscribe(channel);
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }

  /** Nothing is delivered from here on. */
  async unsubscribeUser(userId: string): Promise<void> {
    const channel = this.keys.userEvents(userId);
    this.users.delete(channel);
    // Without a connection there is no subscription either.
    await this.subscriber.unsubscribe(channel).catch(() => {});
  }

  private control(message: ControlMessage): Promise<void> {
    return this.publish('control', JSON.stringify(message));
  }

  private async publish(channel: Channel, message: string): Promise<void> {
    try {
      await this.publisher.publish(this.keys.channel(channel), message);
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }

  private listen(channel: Channel, handler: Handler<string>): Unsubscribe {
    return remember(this.listeners.get(this.keys.channel(channel)) ?? new Set(), handler);
  }

  private async subscribeAll(): Promise<void> {
    const wanted = [...this.listeners.keys(), ...this.users.keys(), ...this.runs.keys()];
    try {
      const batches = Array.from({ length: Math.ceil(wanted.length / SUBSCRIBE_BATCH) }, (_, index) =>
        this.subscriber.subscribe(...wanted.slice(index * SUBSCRIBE_BATCH, (index + 1) * SUBSCRIBE_BATCH)),
      );
      await Promise.all(batches);
    } catch {
      // The connection broke again; the next one does it all anew.
      return;
    }
    for (const handler of this.resubscribed) this.guard(handler);
  }

  private deliver(channel: string, message: string): void {
    const userHandler = this.users.get(channel);
    const runHandler = this.runs.get(channel);
    if (userHandler) this.guard(() => userHandler(JSON.parse(message) as EventFrame, message));
    else if (runHandler) this.guard(() => runHandler(JSON.parse(message) as RunWord));
    else for (const handler of this.listeners.get(channel) ?? []) this.guard(() => handler(message));
  }

  /** One listener's fault must not keep the message from the others, or end the process. */
  private guard(handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.log.error('a listener of a Redis channel failed', { error });
    }
  }
}

function remember<Entry>(set: Set<Entry>, entry: Entry): Unsubscribe {
  set.add(entry);
  return () => void set.delete(entry);
}
