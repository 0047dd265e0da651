import { Circuit, BreakerState as LibraryState, BreakerError as Refused } from 'mollitia';
import { EpochBreaker, settle, UncountedOutcome } from './breaker-epoch.ts';
import { forget } from './forget-circuit.ts';

export type BreakerState = 'closed' | 'open' | 'half_open';

export interface BreakerOptions {
  /** What stands behind it, for messages. */
  name: string;
  /** Failures in a row that open it; one success in between starts the count again. */
  failuresToOpen: number;
  /** How long it stays open until one call may probe. */
  openMs: number;
  /** A call that takes longer is given up and counts as a failure. */
  timeoutMs: number;
  /** Whether an error says that the dependency is not working. Other errors prove that it answers and count as success. */
  isFailure(error: unknown): boolean;
  onChange(state: BreakerState): void;
}

export interface Breaker {
  /**
   * Runs `work` unless open. Rejects with {@link BreakerOpenError} without calling it, with {@link BreakerTimeoutError} when it took
   * too long (its signal then aborts: what is left must be dropped there), else as `work` does. `timeoutMs` replaces the breaker's.
   */
  execute<T>(work: (signal: AbortSignal) => Promise<T>, options?: { timeoutMs?: number }): Promise<T>;
  readonly state: BreakerState;
  /** Ends its timers; calls then go through uncounted. */
  dispose(): void;
}

/** The call was not made. */
export class BreakerOpenError extends Error {
  constructor(
    name: string,
    /** Until a call may get through again. */
    readonly retryAfterMs: number,
  ) {
    super(`${name}: circuit open`);
    this.name = 'BreakerOpenError';
  }
}

/** The call was made and given up; whether it had an effect is not known. */
export class BreakerTimeoutError extends Error {
  constructor(name: string, timeoutMs: number) {
    super(`${name}: no answer within ${timeoutMs} ms`);
    this.name = 'BreakerTimeoutError';
  }
}

/** The library's states by our names. */
export const STATES: Record<LibraryState, BreakerState> = {
  closed: 'closed',
  opened: 'open',
  'half-opened': 'half_open',
};

/** Percent of the window that must fail; 100, which would say it better, switches mollitia's check off. */
export const ALL_FAILED = 99;

/**
 * A circuit breaker with timeout for one dependency: closed → open after failures in a row → half open (one probe) → closed or open.
 * Made once per dependency and process. Every call ends within its timeout, so a probe cannot hang and hold the door shut.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const breaker = new EpochBreaker({
    slidingWindowSize: options.failuresToOpen,
    minimumNumberOfCalls: options.failuresToOpen,
    failureRateThreshold: ALL_FAILED,
    permittedNumberOfCallsInHalfOpenState: 1,
    openStateDelay: options.openMs,
    onError: (error: unknown) => error instanceof BreakerTimeoutError || options.isFailure(error),
  });
  breaker.on('state-changed', (state: LibraryState) => options.onChange(STATES[state]));
  const circuit = new Circuit({ func: (call: () => Promise<unknown>) => call(), options: { modules: [breaker] } });
  let disposed = false;

  return {
    get state() {
      return STATES[breaker.state];
    },
    async execute<T>(work: (signal: AbortSignal) => Promise<T>, { timeoutMs = options.timeoutMs } = {}): Promise<T> {
      const call = () => withTimeout(options.name, timeoutMs, work);
      if (disposed) return await call();
      try {
        return await circuit.execute<T>(call);
      } catch (error) {
        if (error instanceof UncountedOutcome) return settle(error);
        if (error instanceof Refused) throw new BreakerOpenError(options.name, untilProbe(breaker, options.openMs));
        throw error;
      }
    },
    dispose() {
      disposed = true;
      forget(circuit, breaker);
    },
  };
}

/** While open: until the probe; while a probe is under way: nobody knows, so not at once. */
function untilProbe(breaker: EpochBreaker, openMs: number): number {
  return breaker.state === LibraryState.OPENED ? Math.max(0, breaker.stateTimestamp + openMs - Date.now()) : openMs;
}

function withTimeout<T>(name: string, timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    let settled = false;
    const giveUp = () => {
      if (settled) return;
      const error = new BreakerTimeoutError(name, timeoutMs);
      reject(error);
      controller.abort(error);
    };
    // In a process that was busy for long the answer may have arrived, unread, before the timer fires: one look at the sockets first.
    const timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
    const settle = () => {
      settled = true;
      clearTimeout(timer);
    };
    (async () => work(controller.signal))().then(resolve, reject).finally(settle);
  });
}
