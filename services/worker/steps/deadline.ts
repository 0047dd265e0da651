import { STOOD_STILL_MS } from './stood-still.ts';

/** The time is counted in stretches of at most this length (ms): what a process that stands still can lose of a step's time. */
const STRETCH_MS = 1_000;
/** After standing still at least this is left (ms): an answer that came meanwhile is not read yet. */
const CATCH_UP_MS = 1_000;

/**
 * The time a step may take: `signal` aborts with the run or after `ms`, whichever comes first. Time in which the process stood
 * still (frozen, or its machine suspended) does not count: whoever was called is not to blame for it. `clear` ends the timer and
 * the link to the run, so that a long run does not gather listeners. Costs a timer a second.
 */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly follow = () => this.controller.abort(this.parent.reason);
  private timer: NodeJS.Timeout | undefined;
  /** When the present stretch began, monotonic (ms), its length, and what was left of the time then. */
  private since = 0;
  private stretchMs = 0;

  /** True when time ran out (and not the run was aborted). */
  expired = false;

  constructor(
    private leftMs: number,
    private readonly parent: AbortSignal,
  ) {
    this.nextStretch();
    if (parent.aborted) this.follow();
    else parent.addEventListener('abort', this.follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  remainingMs(): number {
    return Math.max(0, this.leftMs - Math.min(this.stretchMs, performance.now() - this.since));
  }

  clear(): void {
    clearTimeout(this.timer);
    this.parent.removeEventListener('abort', this.follow);
  }

  private nextStretch(): void {
    this.since = performance.now();
    this.stretchMs = Math.min(STRETCH_MS, this.leftMs);
    this.timer = setTimeout(() => this.endStretch(), this.stretchMs).unref();
  }

  private endStretch(): void {
    const passed = performance.now() - this.since;
    const stoodStill = passed - this.stretchMs > STOOD_STILL_MS;
    this.leftMs = stoodStill ? Math.max(CATCH_UP_MS, this.leftMs - this.stretchMs) : Math.max(0, this.leftMs - passed);
    if (this.leftMs > 0) this.nextStretch();
    else this.expire();
  }

  private expire(): void {
    this.expired = true;
    this.controller.abort(new Error('deadline passed'));
  }
}
