import { STOOD_STILL_MS } from '../../steps/stood-still.ts';
import { ModelFailure } from '../model-failure.ts';

/** After the finish reason only the usage can come; a whole answer does not wait long for it (ms). */
const USAGE_WAIT_MS = 2_000;
/** What is left to read after standing still has this long to show itself (ms). */
const CATCH_UP_MS = 1_000;

export interface LifeLimits {
  /** Until the first token, from the call's beginning. */
  firstContentMs: number;
  /** Between two tokens. */
  stallMs: number;
}

/**
 * Ends a call that shows no life. A connection that stays open says nothing about the other side, keep-alive comments neither, and neither fetch nor
 * the SDK gives up on it in useful time. `signal` also follows the caller's.
 */
export class LifeWatch {
  private readonly controller = new AbortController();
  private readonly follow = () => this.controller.abort(this.parent.reason);
  private timer: NodeJS.Timeout | undefined;
  /** When the next token must have come, monotonic (ms). */
  private due = 0;
  private begun = false;

  /** Why the watch ended the call; null: it did not. */
  failure: ModelFailure | null = null;

  constructor(
    private readonly limits: LifeLimits,
    private readonly parent: AbortSignal,
  ) {
    this.expect(limits.firstContentMs, () => this.fail('slow'));
    if (parent.aborted) this.follow();
    else parent.addEventListener('abort', this.follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** A token has come, the next one is awaited. Called for each of them, so it moves the time only; the timer follows when it fires. */
  alive(): void {
    this.due = performance.now() + this.limits.stallMs;
    if (this.begun) return;
    this.begun = true;
    this.expect(this.limits.stallMs, () => this.fail('stalled'));
  }

  /** The answer is whole; its usage is awaited, and the call ends without a failure when it does not come. */
  finishing(): void {
    this.expect(USAGE_WAIT_MS, () => this.controller.abort());
  }

  clear(): void {
    clearTimeout(this.timer);
    this.parent.removeEventListener('abort', this.follow);
  }

  private expect(limitMs: number, over: () => void): void {
    clearTimeout(this.timer);
    this.due = performance.now() + limitMs;
    const planned = this.due;
    this.timer = setTimeout(() => {
      const late = performance.now() - planned;
      if (this.due > planned) this.expect(Math.max(1, this.due - performance.now()), over);
      else if (late > STOOD_STILL_MS) this.expect(CATCH_UP_MS, over);
      else over();
    }, limitMs).unref();
  }

  private fail(kind: 'slow' | 'stalled'): void {
    this.failure = new ModelFailure(kind);
    this.controller.abort(this.failure);
  }
}
