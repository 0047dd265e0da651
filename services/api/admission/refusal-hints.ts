/** A place that came free is noticed this late by the replica that has just refused somebody (ms). */
const HINT_MS = 1_000;

export type QueueRefusal = 'queue_full' | 'user_queue_full';

/**
 * What this replica has learned from refusals of the last second: the queue is full, or this user's part of it is. A start
 * that would be refused again is refused before it costs an INSERT and a DELETE, which is what keeps Postgres calm when
 * the whole world knocks.
 */
export class RefusalHints {
  private queueFullUntil = 0;
  private readonly usersFullUntil = new Map<string, number>();
  private sweepAt = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  refusalFor(userId: string): QueueRefusal | null {
    const now = this.now();
    // In the order of the admit script: a user at the own limit is told so even when the queue is full as well.
    if ((this.usersFullUntil.get(userId) ?? 0) > now) return 'user_queue_full';
    return this.queueFullUntil > now ? 'queue_full' : null;
  }

  learn(refusal: QueueRefusal, userId: string): void {
    const now = this.now();
    if (refusal === 'queue_full') this.queueFullUntil = now + HINT_MS;
    else this.usersFullUntil.set(userId, now + HINT_MS);
    if (now >= this.sweepAt) this.sweep(now);
  }

  /** A run of the user has left the queue, or the limits have changed. */
  forget(userId?: string): void {
    this.queueFullUntil = 0;
    if (userId === undefined) this.usersFullUntil.clear();
    else this.usersFullUntil.delete(userId);
  }

  /** Keeps the map at the users refused in the last two seconds. */
  private sweep(now: number): void {
    for (const [userId, until] of this.usersFullUntil) if (until <= now) this.usersFullUntil.delete(userId);
    this.sweepAt = now + HINT_MS;
  }
}
