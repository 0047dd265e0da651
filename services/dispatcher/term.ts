import { LEASES } from '../../redis/leases.ts';
import type { LeaderLock } from '../../redis/lock.ts';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';

/** Ms until an extension that failed is tried again: the lock may still be ours, only Redis did not answer. */
const RETRY_EXTENSION_MS = 250;

/** Why a leadership ended: `lock_expired` = no longer sure of the lock, `stale_epoch` = somebody was elected after us. */
export type EndReason = 'lock_expired' | 'stale_epoch' | 'stopping' | 'failed';

export interface TermDeps {
  lock: Pick<LeaderLock, 'extend' | 'trustedUntil'>;
  /** Told after each extension. */
  onExtended(): void;
}

/**
 * One leadership. Trust window: until `lock.trustedUntil` (monotonic ms), which lies before the instant at which another candidate
 * can get the lock; then `signal` aborts, whatever an extension under way is doing. What was sent before may still arrive, and that
 * is harmless: every leader script carries the epoch.
 */
export class Term {
  private readonly ending = new AbortController();
  private trustTimer: NodeJS.Timeout | undefined;

  constructor(
    /** Sent along with every leader script; greater than that of all terms before. */
    readonly epoch: number,
    private readonly deps: TermDeps,
  ) {
    this.watchTrust();
  }

  /** Aborts when the term ends, with the reason; everything the leader does hangs on it. */
  get signal(): AbortSignal {
    return this.ending.signal;
  }

  /** Ends it; the first reason counts. */
  end(reason: EndReason): void {
    clearTimeout(this.trustTimer);
    this.ending.abort(reason);
  }

  /** Extends the lock until the term ends. */
  async keep(): Promise<void> {
    let pauseMs: number = LEASES.leader.renewEveryMs;
    while (!this.signal.aborted) {
      await abortableDelay(pauseMs, this.signal);
      if (this.signal.aborted) return;
      const extended = await this.extend();
      if (extended) this.deps.onExtended();
      pauseMs = extended ? LEASES.leader.renewEveryMs : RETRY_EXTENSION_MS;
    }
  }

  /** False also when the term ends first: an extension that hangs must not hold that up. */
  private extend(): Promise<boolean> {
    const { signal } = this;
    return new Promise((resolve) => {
      const giveUp = () => resolve(false);
      signal.addEventListener('abort', giveUp, { once: true });
      void this.deps.lock.extend().then((extended) => {
        signal.removeEventListener('abort', giveUp);
        resolve(extended);
      });
    });
  }

  private watchTrust(): void {
    const leftMs = this.deps.lock.trustedUntil - performance.now();
    if (leftMs <= 0) this.end('lock_expired');
    else this.trustTimer = setTimeout(() => this.watchTrust(), leftMs);
  }
}
