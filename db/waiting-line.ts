import { BreakerTimeoutError } from '../shared/resilience/breaker.ts';
import { ConcurrencyLimit } from '../shared/resilience/concurrency-limit.ts';

/** Nothing became free in time, though Postgres answers. */
export class WaitedTooLong extends Error {
  constructor(maxWaitMs: number) {
    super(`no connection became free within ${maxWaitMs} ms`);
    this.name = 'WaitedTooLong';
  }
}

/**
 * Where requests wait for a connection while all are in use. The time allowed to a statement begins when it leaves the line: that a thousand came at once
 * says nothing about Postgres, and must not open its breaker.
 *
 * A statement that was given up, with none answered since it was sent, says that Postgres hangs: then all who wait share its fate, so that an outage is
 * told to everybody as soon as to the first.
 */
export class WaitingLine {
  private readonly limit: ConcurrencyLimit;
  private readonly inLine = new Set<AbortController>();
  private answeredAt = 0;
  private atOnce = 0;

  /** `places`: connections of the pool. `maxWaitMs`: must end before the proxy in front gives the request up. */
  constructor(
    private readonly places: number,
    private readonly maxWaitMs: number,
  ) {
    this.limit = new ConcurrencyLimit(places);
  }

  get waiting(): number {
    return this.inLine.size;
  }

  /** Rejects with {@link WaitedTooLong}, or as `work` does. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.atOnce += 1;
    try {
      const leave = await (this.atOnce <= this.places ? this.limit.enter() : this.wait());
      return await this.watched(work).finally(leave);
    } finally {
      this.atOnce -= 1;
    }
  }

  private async wait(): Promise<() => void> {
    const place = new AbortController();
    const timer = setTimeout(() => place.abort(new WaitedTooLong(this.maxWaitMs)), this.maxWaitMs);
    this.inLine.add(place);
    try {
      return await this.limit.enter(place.signal);
    } finally {
      clearTimeout(timer);
      this.inLine.delete(place);
    }
  }

  private async watched<Result>(work: () => Promise<Result>): Promise<Result> {
    const sentAt = performance.now();
    try {
      const result = await work();
      this.answeredAt = performance.now();
      return result;
    } catch (error) {
      if (error instanceof BreakerTimeoutError && this.answeredAt < sentAt)
        for (const place of this.inLine) place.abort(error);
      throw error;
    }
  }
}
