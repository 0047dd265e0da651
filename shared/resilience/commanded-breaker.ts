import { Circuit, BreakerError as Refused, SlidingWindowRequestResult } from 'mollitia';
import { ALL_FAILED, BreakerOpenError, type BreakerState, STATES } from './breaker.ts';
import { EpochBreaker, settle, UncountedOutcome } from './breaker-epoch.ts';
import { forget } from './forget-circuit.ts';

/** What an error says about the dependency. `none`: nothing at all; it ends no run of failures and belongs to none. */
export type Verdict = 'failure' | 'success' | 'none';

export interface CommandedBreakerOptions {
  /** What stands behind it, for messages. */
  name: string;
  /** Failures in a row that open it. */
  failuresToOpen: number;
  verdict(error: unknown): Verdict;
  /** Told in the moment of the change, before the caller of the failing call hears of its failure. */
  onChange(state: BreakerState): void;
}

/** The longest that setTimeout takes (ms). */
const NEVER_MS = 2 ** 31 - 1;

/**
 * A breaker that opens by itself, after failures in a row, and is otherwise commanded: whoever decides with others when to try again knows more than
 * a timer. No call gets through unless it is closed. The commands are idempotent, and none of them leaves a timer.
 */
export interface CommandedBreaker {
  readonly state: BreakerState;
  /** Rejects with {@link BreakerOpenError} without calling `work` unless closed, else as `work` does. */
  execute<T>(work: () => Promise<T>): Promise<T>;
  open(): void;
  halfOpen(): void;
  close(): void;
  dispose(): void;
}

export function createCommandedBreaker(options: CommandedBreakerOptions): CommandedBreaker {
  const breaker = new TimelessBreaker(options);
  const circuit = new Circuit({ func: (call: () => Promise<unknown>) => call(), options: { modules: [breaker] } });
  const refusal = () => new BreakerOpenError(options.name, Number.POSITIVE_INFINITY);
  return {
    get state() {
      return STATES[breaker.state];
    },
    async execute<T>(work: () => Promise<T>): Promise<T> {
      if (this.state !== 'closed') throw refusal();
      try {
        // The library takes some turns of the microtask queue to get here, and lets through while half open.
        return await circuit.execute<T>(async () => {
          if (this.state !== 'closed') throw refusal();
          return work();
        });
      } catch (error) {
        if (error instanceof UncountedOutcome) return settle(error);
        throw error instanceof Refused ? refusal() : error;
      }
    },
    open: () => void breaker.open(),
    halfOpen: () => void breaker.halfOpen(),
    close: () => void breaker.close(),
    dispose: () => forget(circuit, breaker),
  };
}

class TimelessBreaker extends EpochBreaker {
  constructor(private readonly commanded: CommandedBreakerOptions) {
    super({
      slidingWindowSize: commanded.failuresToOpen,
      minimumNumberOfCalls: commanded.failuresToOpen,
      failureRateThreshold: ALL_FAILED,
      // Whoever comes while half open is refused by the wrapper, which tells it as the other refusals.
      permittedNumberOfCallsInHalfOpenState: Number.POSITIVE_INFINITY,
      openStateDelay: NEVER_MS,
      onError: (error: unknown) => commanded.verdict(error) === 'failure',
    });
  }

  override onOpened(): void {
    super.onOpened();
    this.clearOpenTimeout();
    this.commanded.onChange('open');
  }

  override onHalfOpened(): void {
    super.onHalfOpened();
    this.clearOpenTimeout();
    this.commanded.onChange('half_open');
  }

  override onClosed(): void {
    super.onClosed();
    this.clearOpenTimeout();
    this.commanded.onChange('closed');
  }

  /**
   * mollitia's timer that half-opens. It sets one with each opening, and another when its first call meets an opening, and leaves them running when
   * it closes: minutes later it would half-open what nobody has opened.
   */
  private clearOpenTimeout(): void {
    // biome-ignore lint/complexity/useLiteralKeys: the library's types call it private
    clearTimeout(this['openTimeout']);
  }

  protected override async executePromise(
    ...call: Parameters<EpochBreaker['executePromise']>
  ): ReturnType<EpochBreaker['executePromise']> {
    const outcome = await super.executePromise(...call);
    if (
      outcome.requestResult === SlidingWindowRequestResult.FAILURE &&
      this.commanded.verdict(outcome.response) === 'none'
    )
      throw new UncountedOutcome(true, outcome.response);
    return outcome;
  }
}
