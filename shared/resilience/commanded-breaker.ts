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
        return await circuit.execute<T>(async () => work());
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
      permittedNumberOfCallsInHalfOpenState: 1,
      onError: (error: unknown) => commanded.verdict(error) === 'failure',
    });
  }

  override onOpened(): void {
    super.onOpened();
    // mollitia has just set it to half-open by itself, and would leave it running after a close.
    // biome-ignore lint/complexity/useLiteralKeys: the library's types call it private
    clearTimeout(this['openTimeout']);
    this.commanded.onChange('open');
  }

  override onHalfOpened(): void {
    super.onHalfOpened();
    this.commanded.onChange('half_open');
  }

  override onClosed(): void {
    super.onClosed();
    this.commanded.onChange('closed');
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
