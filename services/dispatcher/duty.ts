import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import type { Logger } from '../../shared/observability/logger.ts';

export interface DutyOptions {
  name: string;
  /** Longest pause between two rounds (ms). */
  everyMs: number;
  /** One round. Answers after how many ms another could do more; null: only when woken, or after the interval. */
  round(): Promise<number | null>;
  log: Logger;
}

/**
 * Something done over and over: at once, then whenever woken, asked for by the round before, or the interval has passed.
 * Never two rounds at once; any number of wakes during a round make one more directly after it. A round that fails is
 * tried again at the next occasion; an outage is one line in the log when it begins and one when it ends.
 */
export class Duty {
  private nap = new AbortController();
  private failing = false;

  constructor(private readonly options: DutyOptions) {}

  /** Asks for a round as soon as possible. */
  wake(): void {
    // With a reason: the error that is made without one costs as much as a message to Redis, and a run that comes to wait where nobody did wakes the leader.
    this.nap.abort('woken');
  }

  /** Until `signal` aborts; resolves when the last round has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const wake = () => this.wake();
    signal.addEventListener('abort', wake, { once: true });
    while (!signal.aborted) {
      // Before the round, so that a wake during it is kept.
      this.nap = new AbortController();
      const nextInMs = await this.round(signal);
      if (signal.aborted) break;
      await abortableDelay(Math.min(nextInMs ?? this.options.everyMs, this.options.everyMs), this.nap.signal);
    }
    signal.removeEventListener('abort', wake);
  }

  private async round(signal: AbortSignal): Promise<number | null> {
    const { name, log } = this.options;
    try {
      const nextInMs = await this.options.round();
      if (this.failing) log.info('duty works again', { duty: name });
      this.failing = false;
      return nextInMs;
    } catch (error) {
      if (!this.failing && !signal.aborted) log.warn('duty failed, will be tried again', { duty: name, error });
      this.failing = true;
      return null;
    }
  }
}
