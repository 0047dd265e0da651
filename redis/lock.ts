import type { Redis } from 'ioredis';
import Redlock, { type Lock } from 'redlock';
import type { Keys } from './keys.ts';
import { LEASES } from './leases.ts';

/** One try, no waiting inside redlock: who holds the lock and when to try again is the election's business. */
const ONCE = { retryCount: 0 };

/**
 * The leader lock over one Redis, or over an odd number of independent ones. It chooses a leader and protects nothing: what a leader
 * may do is decided by its epoch, inside the scripts. No method rejects; "not sure" is "no".
 */
export class LeaderLock {
  private readonly redlock: Redlock;
  private readonly resources: string[];
  private lock: Lock | undefined;
  private trusted = 0;

  constructor(nodes: readonly Redis[], keys: Keys) {
    this.redlock = new Redlock(nodes, ONCE);
    this.resources = [keys.capacity('leaderLock')];
    // Every "somebody else has it" arrives here as well; the connections log what is wrong with them.
    this.redlock.on('error', () => {});
  }

  /** Until when (monotonic ms, `performance.now()`) the holder may take itself for the leader; in the past: it is not. */
  get trustedUntil(): number {
    return this.trusted;
  }

  /** True: this process has the lock, for a while worth having. */
  async tryAcquire(): Promise<boolean> {
    return this.hold((durationMs) => this.redlock.acquire(this.resources, durationMs));
  }

  /** Prolongs it; false: this try failed. The lock may still be ours until `trustedUntil`, so another try may succeed. */
  async extend(): Promise<boolean> {
    const { lock } = this;
    return lock !== undefined && this.hold((durationMs) => this.redlock.extend(lock, durationMs));
  }

  /** Gives it up; without an answer from Redis it lapses by itself. */
  async release(): Promise<void> {
    const { lock } = this;
    this.lock = undefined;
    this.trusted = 0;
    if (lock) await this.redlock.release(lock, ONCE).catch(() => {});
  }

  private async hold(ask: (durationMs: number) => Promise<Lock>): Promise<boolean> {
    const { lengthMs, marginMs } = LEASES.leader;
    // From before the attempt: Redis begins to count when the command arrives, which is never earlier.
    const trusted = performance.now() + lengthMs - marginMs;
    try {
      this.lock = await ask(lengthMs);
    } catch {
      return false;
    }
    if (performance.now() >= trusted) return false;
    this.trusted = trusted;
    return true;
  }
}
