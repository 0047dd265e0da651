import type { Channels } from '../../../redis/channels.ts';
import { pastSpan } from '../../../shared/observability/tracing/spans.ts';
import { readSampledParent } from '../../../shared/observability/tracing/trace-parent.ts';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import type { LocalUser } from './local-user.ts';
import { wireFrame } from './wire-frame.ts';

/** A subscription that is not confirmed within this (ms) counts as failed; the socket goes on without events until it is. */
const CONFIRM_WITHIN_MS = 2_000;

export interface FanoutDeps {
  channels: Pick<Channels, 'subscribeUser' | 'unsubscribeUser'>;
  /** Sees every frame of a local user before its sockets do. */
  onFrame(user: LocalUser, frame: EventFrame): void;
}

/** From a user's channel to the user's sockets here: one subscription per user, however many tabs. */
export class Fanout {
  constructor(private readonly deps: FanoutDeps) {}

  /** Resolves when the user's channel is subscribed; subscribes if it is not. Rejects while Redis is away. */
  async subscribed(user: LocalUser): Promise<void> {
    user.subscription ??= this.subscribe(user);
    await confirmed(user.subscription);
  }

  /** After the user's last socket here. */
  close(user: LocalUser): void {
    if (user.subscription === null) return;
    user.subscription = null;
    void this.deps.channels.unsubscribeUser(user.id);
  }

  private subscribe(user: LocalUser): Promise<void> {
    const subscription = this.deps.channels.subscribeUser(user.id, (frame, json) => this.receive(user, frame, json));
    subscription.catch(() => {
      if (user.subscription === subscription) user.subscription = null;
    });
    return subscription;
  }

  private receive(user: LocalUser, frame: EventFrame, json: string): void {
    this.deps.onFrame(user, frame);
    const encoded = wireFrame(frame, json);
    for (const connection of user.connections) connection.deliver(encoded);
    if (frame.traceparent !== undefined) recordDelivery(user, frame, frame.traceparent);
  }
}

/** The last part of a trace that is exported: from the making of the event to the sockets. Every replica with sockets of the user has one. */
function recordDelivery(user: LocalUser, { type, at }: EventFrame, parent: string): void {
  if (user.connections.length === 0 || readSampledParent(parent) === null) return;
  const attributes = { 'weir.sockets': user.connections.length };
  pastSpan(`deliver ${type}`, { kind: 'consumer', parent, startedAt: Date.parse(at), endedAt: Date.now(), attributes });
}

function confirmed(subscription: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the subscription was not confirmed in time')), CONFIRM_WITHIN_MS);
    subscription.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
