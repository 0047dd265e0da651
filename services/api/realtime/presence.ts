import { LEASES } from '../../../redis/leases.ts';
import type { LevelState } from '../../../redis/results.ts';
import type { UserLeases } from '../../../redis/user-leases.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import { MicroBatcher } from '../../../shared/resilience/micro-batcher.ts';

/** Users in one script: some 2 ms of Redis. */
const MAX_BATCH = 1_000;

/** `unknown`: Redis could not be asked; the user is let in and counted when it is back. */
export type Entry = 'joined' | 'full' | 'unknown';

export interface PresenceDeps {
  replica: string;
  leases: Pick<UserLeases, 'join' | 'leave'>;
  onLevel(state: LevelState): void;
  log: Logger;
}

/**
 * Keeps the leases of the users who are here; nothing decides anything on the belief that one is still held, it only makes
 * the user count (see redis/leases.ts). A user with five tabs is entered once. Joins and leaves of the same moment share
 * a script, and what is sent is decided when it is sent, from who is here then: a user who left and came back in between cannot
 * end up without a lease, whichever message was first.
 */
export class Presence {
  private readonly counts = new Map<string, number>();
  private readonly leased = new Set<string>();
  private readonly batcher = new MicroBatcher<string, Entry>({
    run: (users) => this.settle(users),
    maxBatch: MAX_BATCH,
    maxInFlight: 1,
  });
  private timer: NodeJS.Timeout | undefined;
  private away = false;

  constructor(private readonly deps: PresenceDeps) {}

  /** Users with a socket here, or one on its way. */
  get users(): number {
    return this.counts.size;
  }

  start(): void {
    this.timer ??= setInterval(() => void this.renew(), LEASES.user.renewEveryMs);
  }

  /** Ends all leases: whoever comes back on another replica is counted there. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    const users = [...this.counts.keys()];
    this.counts.clear();
    await this.settleAll(users);
  }

  /** For every socket before it is accepted; each call is answered by one {@link leave}, whatever it answered. Never rejects. */
  async enter(userId: string): Promise<Entry> {
    this.counts.set(userId, (this.counts.get(userId) ?? 0) + 1);
    if (this.leased.has(userId)) return 'joined';
    // The renewal finds out when Redis is back; nobody at the door waits for it.
    return this.away ? 'unknown' : this.batcher.add(userId);
  }

  leave(userId: string): void {
    const left = (this.counts.get(userId) ?? 0) - 1;
    if (left > 0) return void this.counts.set(userId, left);
    if (this.counts.delete(userId)) void this.batcher.add(userId);
  }

  /** Renews every lease now; also registers those that could not be while Redis was away. */
  async renew(): Promise<void> {
    await this.settleAll([...this.counts.keys()]);
  }

  private async settleAll(users: string[]): Promise<void> {
    await Promise.all(users.map((user) => this.batcher.add(user)));
  }

  private async settle(asked: string[]): Promise<Entry[]> {
    const users = [...new Set(asked)];
    const here = users.filter((user) => this.counts.has(user));
    const gone = users.filter((user) => !this.counts.has(user));
    for (const user of gone) this.leased.delete(user);
    try {
      if (gone.length > 0) this.deps.onLevel(await this.deps.leases.leave(this.deps.replica, gone));
      const refused = here.length > 0 ? await this.join(here) : new Set<string>();
      this.setAway(false);
      return asked.map((user) => (refused.has(user) ? 'full' : 'joined'));
    } catch (error) {
      this.setAway(true, error);
      return asked.map(() => 'unknown');
    }
  }

  private async join(users: string[]): Promise<Set<string>> {
    const { results, level } = await this.deps.leases.join(this.deps.replica, users);
    const refused = new Set(users.filter((_, index) => results[index] === 'full'));
    for (const user of users) {
      if (refused.has(user)) this.leased.delete(user);
      else this.leased.add(user);
    }
    this.deps.onLevel(level);
    return refused;
  }

  private setAway(away: boolean, error?: unknown): void {
    if (away !== this.away) {
      if (away) this.deps.log.warn('user leases cannot be renewed; sockets are accepted uncounted', { error });
      else this.deps.log.info('user leases are renewed again', { users: this.counts.size });
    }
    this.away = away;
    if (away) this.leased.clear();
  }
}
