import { setMaxListeners } from 'node:events';
import { BreakerOpenError } from '../../../../shared/resilience/breaker.ts';
import {
  type CommandedBreaker,
  createCommandedBreaker,
  type Verdict,
} from '../../../../shared/resilience/commanded-breaker.ts';
import { MODEL_FAILURES, ModelFailure, type ModelFailureKind } from '../model-failure.ts';
import type { BreakerState } from './provider-board.ts';
import { type ProviderGate, ProviderOpen } from './provider-gate.ts';

/** Story 10.5: three consecutive failures. */
const FAILURES_TO_OPEN = 3;

export interface LocalGateOptions {
  name: string;
  /** Opened by a call that was made here, not by command. */
  onOpened(reason: ModelFailureKind): void;
  onFailure(failure: ModelFailure): void;
  onState(state: BreakerState): void;
}

/** The gate of one provider on this replica. */
export class LocalGate implements ProviderGate {
  readonly name: string;
  private readonly breaker: CommandedBreaker;
  private period = newPeriod();
  /** Monotonic (ms). */
  private lastAliveAt = Number.NEGATIVE_INFINITY;
  private lastFailure: ModelFailureKind = 'unreachable';
  private commanded = false;

  constructor(private readonly options: LocalGateOptions) {
    this.name = options.name;
    this.breaker = createCommandedBreaker({
      name: options.name,
      failuresToOpen: FAILURES_TO_OPEN,
      verdict: (error) => this.verdict(error),
      onChange: (state) => this.changed(state),
    });
  }

  get closed(): boolean {
    return this.state === 'closed';
  }

  get state(): BreakerState {
    return this.breaker.state;
  }

  get whileClosed(): AbortSignal {
    return this.period.signal;
  }

  async execute<T>(work: (onAlive: () => void) => Promise<T>): Promise<T> {
    const begunAt = performance.now();
    const period = this.period;
    const onAlive = () => {
      this.lastAliveAt = performance.now();
    };
    try {
      return await this.breaker.execute(() => work(onAlive));
    } catch (error) {
      if (error instanceof BreakerOpenError) throw new ProviderOpen(this.name);
      if (error instanceof ModelFailure) this.consider(error, begunAt, period);
      throw error;
    }
  }

  /** Sets the state that the cluster, or a probe, has found. */
  command(state: BreakerState): void {
    this.commanded = true;
    if (state === 'open') this.breaker.open();
    else if (state === 'half_open') this.breaker.halfOpen();
    else this.breaker.close();
    this.commanded = false;
  }

  dispose(): void {
    this.breaker.dispose();
  }

  private verdict(error: unknown): Verdict {
    if (!(error instanceof ModelFailure)) return 'none';
    if (MODEL_FAILURES[error.kind].counts === 'no') return 'success';
    this.lastFailure = error.kind;
    return 'failure';
  }

  /** After the count: some classes do not wait for three. */
  private consider(failure: ModelFailure, begunAt: number, period: AbortController): void {
    const { counts } = MODEL_FAILURES[failure.kind];
    if (counts === 'no') return;
    this.options.onFailure(failure);
    // Others were answered while this call got nothing: its prompt is slow, not the provider.
    const promptIsSlow = failure.kind === 'slow' && this.lastAliveAt > begunAt;
    if (counts === 'opens' && !promptIsSlow && this.period === period && this.closed) {
      this.lastFailure = failure.kind;
      this.breaker.open();
    }
  }

  private changed(state: BreakerState): void {
    if (state === 'closed') this.period = newPeriod();
    else this.period.abort(new ProviderOpen(this.name));
    if (state === 'open' && !this.commanded) this.options.onOpened(this.lastFailure);
    this.options.onState(state);
  }
}

/** Every call under way listens, which is no leak. */
function newPeriod(): AbortController {
  const period = new AbortController();
  setMaxListeners(0, period.signal);
  return period;
}
