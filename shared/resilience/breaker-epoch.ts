import { SlidingCountBreaker, SlidingWindowRequestResult } from 'mollitia';

/** The outcome of a call that the breaker does not count. */
export class UncountedOutcome {
  constructor(
    readonly failed: boolean,
    /** Value or error of the call. */
    readonly response: unknown,
  ) {}
}

/**
 * mollitia's breaker, except that an outcome counts only in the state its call began in. Without that, a slow call from before the
 * outage that ends while the breaker is half-open is taken for the probe's answer; the probe's own then never is, and the breaker lets
 * nobody through for ever. Such a call rejects with {@link UncountedOutcome} to the wrapper, which gives the caller what it holds.
 */
export class EpochBreaker extends SlidingCountBreaker {
  private epoch = 0;

  override onOpened(): void {
    super.onOpened();
    this.epoch += 1;
  }

  override onHalfOpened(): void {
    super.onHalfOpened();
    this.epoch += 1;
  }

  override onClosed(): void {
    super.onClosed();
    this.epoch += 1;
  }

  /** Also makes calls under way stale: their failures can no longer open it and start a timer. */
  override dispose(): void {
    super.dispose();
    this.epoch += 1;
  }

  /**
   * The library asks this before every call and, one turn of the loop later, writes the answer back over `state` and the counted
   * outcomes, undoing what happened in between (an opening among many concurrent calls, for one). It ignores an answer of the wrong
   * shape, so that is what it gets.
   */
  override getState(): Promise<{ requests: string }> {
    return NOTHING_TO_RESTORE;
  }

  protected override async executePromise(
    ...call: Parameters<SlidingCountBreaker['executePromise']>
  ): ReturnType<SlidingCountBreaker['executePromise']> {
    const begun = this.epoch;
    const outcome = await super.executePromise(...call);
    if (begun !== this.epoch) {
      throw new UncountedOutcome(outcome.requestResult === SlidingWindowRequestResult.FAILURE, outcome.response);
    }
    return outcome;
  }
}

/** What the caller gets of a call that was not counted: its value, or its error. */
export function settle<T>({ failed, response }: UncountedOutcome): T {
  if (failed) throw response;
  return response as T;
}

const NOTHING_TO_RESTORE = Promise.resolve({ requests: 'none' });
