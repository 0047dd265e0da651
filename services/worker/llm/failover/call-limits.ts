import type { ProviderStore } from '../../../../redis/provider-store.ts';
import { abortableDelay } from '../../../../shared/lifecycle/abortable-delay.ts';
import { ConcurrencyLimit } from '../../../../shared/resilience/concurrency-limit.ts';
import { untilAborted } from '../../until-aborted.ts';
import { CallPace } from './call-pace.ts';

/** The store's answer that nothing was booked and is to be asked again (ms). */
const NOT_BOOKED_MS = 60_000;

export interface ProviderLimits {
  /** Calls that this replica has under way at once. */
  maxConcurrency: number;
  /** Of the whole cluster; 0: no limit. */
  requestsPerMinute: number;
}

/** What we allow ourselves at one provider: calls at once on this replica, and calls a minute of the cluster. More wait in order. */
export class CallLimits {
  private readonly bulkhead: ConcurrencyLimit;
  private readonly alone: CallPace;

  constructor(
    private readonly provider: string,
    private readonly limits: ProviderLimits,
    private readonly store: Pick<ProviderStore, 'reserveCall'>,
  ) {
    this.bulkhead = new ConcurrencyLimit(limits.maxConcurrency);
    this.alone = new CallPace(limits.requestsPerMinute);
  }

  /** Waits until a call may begin; resolves to what ends it, to be called once. Rejects with the signal's reason, and then holds nothing. */
  async enter(signal: AbortSignal): Promise<() => void> {
    const leave = await this.bulkhead.enter(signal);
    if (this.limits.requestsPerMinute === 0) return leave;
    try {
      await this.keepPace(signal);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  private async keepPace(signal: AbortSignal): Promise<void> {
    let waitMs: number;
    do {
      waitMs = await this.reserve(signal);
      await abortableDelay(waitMs, signal);
      signal.throwIfAborted();
    } while (waitMs >= NOT_BOOKED_MS);
  }

  private async reserve(signal: AbortSignal): Promise<number> {
    const { requestsPerMinute } = this.limits;
    try {
      return await untilAborted(this.store.reserveCall(this.provider, requestsPerMinute), signal);
    } catch {
      signal.throwIfAborted();
      return this.alone.reserve(performance.now());
    }
  }
}
