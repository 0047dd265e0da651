/**
 * The time a step may take: `signal` aborts with the run or after `ms`, whichever comes first. `clear` ends the timer and
 * the link to the run, so that a long run does not gather listeners.
 */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly endsAt: number;
  private readonly follow = () => this.controller.abort(this.parent.reason);

  /** True when time ran out (and not the run was aborted). */
  expired = false;

  constructor(
    ms: number,
    private readonly parent: AbortSignal,
  ) {
    this.endsAt = performance.now() + ms;
    this.timer = setTimeout(() => {
      this.expired = true;
      this.controller.abort(new Error('deadline passed'));
    }, ms);
    this.timer.unref();
    if (parent.aborted) this.follow();
    else parent.addEventListener('abort', this.follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  remainingMs(): number {
    return Math.max(0, this.endsAt - performance.now());
  }

  clear(): void {
    clearTimeout(this.timer);
    this.parent.removeEventListener('abort', this.follow);
  }
}
