import type { EventStreams } from '../../../redis/event-streams.ts';
import type { LocalUser } from './local-user.ts';

/** Looks begun per sweep: spreads the users of a replica over the interval. */
const LOOKS_PER_SWEEP = 500;

export interface StreamWatchDeps {
  /** Between two looks at a user's stream (ms). Each also prolongs the life of the stream, which would lapse after an hour. */
  lookEveryMs: number;
  events: Pick<EventStreams, 'open'>;
  /** The user's sockets are behind the stream, or it is another one. */
  onBehind(user: LocalUser): void;
}

/**
 * The last net under live events: PUBLISH promises nothing, so a stream that has moved on without its sockets is noticed here,
 * even if no further event shows the gap.
 */
export class StreamWatch {
  constructor(private readonly deps: StreamWatchDeps) {}

  /** Called with every sweep; `now` in Unix ms. */
  sweep(users: Iterable<LocalUser>, now: number): void {
    let looks = 0;
    for (const user of users) {
      if (user.streamCheckAt === 0) user.streamCheckAt = now + this.deps.lookEveryMs * (0.5 + Math.random() / 2);
      if (user.streamCheckAt > now) continue;
      if (++looks > LOOKS_PER_SWEEP) return;
      user.streamCheckAt = now + this.deps.lookEveryMs;
      void this.look(user);
    }
  }

  private async look(user: LocalUser): Promise<void> {
    // While Redis is away nobody can be behind; reconnecting brings everybody up to date.
    const head = await this.deps.events.open(user.id).catch(() => null);
    if (head === null) return;
    const behind = user.connections.some(
      ({ phase, epoch, offset }) => phase === 'live' && (epoch !== head.epoch || offset < head.offset),
    );
    // May also be an event that is on its way: then the recovery finds it in the history, and its live copy is a repeat.
    if (behind) this.deps.onBehind(user);
  }
}
