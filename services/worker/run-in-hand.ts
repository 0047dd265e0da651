import type { ReadyRun } from '../../redis/results.ts';
import { NO_SPAN, type TraceSpan } from '../../shared/observability/tracing/spans.ts';

/**
 * Why a run leaves this worker before its end. `lost`: another attempt owns it, nothing may be written any more.
 * `cancelled`: its owner ended it. `stopping`: this worker ends and another goes on with it.
 */
export type Departure = 'lost' | 'cancelled' | 'stopping';

/** The reason with which a run's signal aborts. */
export class RunLeft extends Error {
  constructor(readonly why: Departure) {
    super(`the run leaves this worker: ${why}`);
    this.name = 'RunLeft';
  }
}

/** A run that this worker has taken from the ready list, until it has left. */
export class RunInHand {
  private readonly controller = new AbortController();
  /** Monotonic (ms). */
  readonly takenAt = performance.now();

  /**
   * What this worker may touch the slot with. Until Postgres has given the attempt, half a step above the floor: enough to keep
   * the lease while Postgres is away and to give the slot back, and less than any attempt, so that it shuts nobody out.
   */
  attempt: number;

  /** Of this attempt, once it is claimed. */
  span: TraceSpan = NO_SPAN;

  constructor(readonly ready: ReadyRun) {
    this.attempt = ready.attemptFloor + 0.5;
  }

  get runId(): string {
    return this.ready.runId;
  }

  /** Aborts with {@link RunLeft}. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get left(): Departure | null {
    const reason: unknown = this.signal.reason;
    return reason instanceof RunLeft ? reason.why : null;
  }

  /** The first reason stays. */
  leave(why: Departure): void {
    this.controller.abort(new RunLeft(why));
  }
}
