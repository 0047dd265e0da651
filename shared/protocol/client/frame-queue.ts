import type { EventFrame } from '../events.ts';

/** Frames an iterator may be behind; a reader that is slower than this for good would only fill the memory. */
const MAX_BEHIND = 10_000;

/** Frames between the connection, which pushes, and one `for await` loop, which pulls. */
export class FrameQueue implements AsyncIterableIterator<EventFrame> {
  private readonly frames: EventFrame[] = [];
  private waiting: { resolve(result: IteratorResult<EventFrame>): void; reject(error: Error): void } | undefined;
  private ended: { error: Error | null } | undefined;

  constructor(
    private readonly onLeave: () => void,
    private readonly maxBehind = MAX_BEHIND,
  ) {}

  push(frame: EventFrame): void {
    if (this.ended) return;
    if (this.waiting) {
      this.waiting.resolve({ done: false, value: frame });
      this.waiting = undefined;
    } else if (this.frames.push(frame) > this.maxBehind) {
      this.frames.length = 0;
      this.end(new Error(`The reader of the frames is more than ${this.maxBehind} behind.`));
    }
  }

  /** What was pushed is still read; then the loop ends, or throws `error`. */
  end(error: Error | null): void {
    if (this.ended) return;
    this.ended = { error };
    this.onLeave();
    if (error) this.waiting?.reject(error);
    else this.waiting?.resolve({ done: true, value: undefined });
    this.waiting = undefined;
  }

  next(): Promise<IteratorResult<EventFrame>> {
    const frame = this.frames.shift();
    if (frame !== undefined) return Promise.resolve({ done: false, value: frame });
    if (this.ended?.error) return Promise.reject(this.ended.error);
    if (this.ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<EventFrame>> {
    this.frames.length = 0;
    this.end(null);
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
