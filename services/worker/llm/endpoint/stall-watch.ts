/**
 * Ends a call on which nothing has come for a while. A connection that stays open says nothing about the other side, and
 * neither fetch nor the SDK gives up on it in useful time. `signal` also follows the caller's.
 */
export class StallWatch {
  private readonly controller = new AbortController();
  private readonly follow = () => this.controller.abort(this.parent.reason);
  private timer: NodeJS.Timeout;

  /** True when silence ended the call. */
  stalled = false;

  constructor(
    limitMs: number,
    private readonly parent: AbortSignal,
  ) {
    this.timer = this.arm(limitMs);
    if (parent.aborted) this.follow();
    else parent.addEventListener('abort', this.follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Something came; the next must come within `limitMs`. */
  alive(limitMs: number): void {
    clearTimeout(this.timer);
    this.timer = this.arm(limitMs);
  }

  clear(): void {
    clearTimeout(this.timer);
    this.parent.removeEventListener('abort', this.follow);
  }

  private arm(limitMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.stalled = true;
      this.controller.abort(new Error(`nothing came for ${limitMs} ms`));
    }, limitMs).unref();
  }
}
