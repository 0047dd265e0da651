import { currentScope, enterScopes, type TraceScope } from '../observability/tracing/details.ts';

/** How a batch is worked off; see {@link MicroBatcher}. */
export interface MicroBatcherOptions<Item, Result> {
  /** Handles the items in the order in which they were added; answers one result per item, in the same order. */
  run(items: Item[]): Promise<Result[]>;
  /** Items in one batch at most. */
  maxBatch: number;
  /** Batches under way at once at most; while that many are, later items gather (that is what makes batches grow under load). */
  maxInFlight: number;
  /**
   * What waits is dealt out evenly to the batches that may begin if each gets at least so many items (default: never). Callers that are
   * answered together and ask again together otherwise stay together in one batch for ever, and of what it passes through on its way
   * (this process, a database) one is busy at a time. Below, the fixed cost of a batch outweighs that.
   */
  smallestShare?: number;
  /**
   * What the items that wait are told when a batch fails with `error`; null: they are not told, but sent. For a service that hangs: they
   * have waited as long, and must not wait as long again to hear the same.
   */
  failsWaiting?(error: unknown): Error | null;
}

interface Entry<Item, Result> {
  item: Item;
  scope: TraceScope;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Joins calls that arrive in the same moment into one batch: group commit for anything with a round trip.
 * An idle batcher sends at the end of the current event-loop turn, so a lone call waits for nobody; a busy one sends
 * when a batch returns. Trades up to one round trip of latency for throughput. A batch that rejects rejects all its items.
 */
export class MicroBatcher<Item, Result> {
  private waiting: Array<Entry<Item, Result>> = [];
  private inFlight = 0;
  private scheduled = false;

  constructor(private readonly options: MicroBatcherOptions<Item, Result>) {}

  /** Items not yet sent. */
  get backlog(): number {
    return this.waiting.length;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, scope: currentScope(), resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.inFlight >= this.options.maxInFlight || this.waiting.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.flush();
    });
  }

  private async flush(): Promise<void> {
    if (this.inFlight >= this.options.maxInFlight || this.waiting.length === 0) return;
    const batch = this.takeBatch();
    this.inFlight += 1;
    this.schedule();
    try {
      const results = await enterScopes(
        batch.map((entry) => entry.scope),
        () => this.options.run(batch.map((entry) => entry.item)),
      );
      if (results.length !== batch.length)
        throw new Error(`batch of ${batch.length} answered ${results.length} results`);
      batch.forEach((entry, index) => {
        entry.resolve(results[index] as Result);
      });
    } catch (error) {
      for (const entry of batch) entry.reject(error);
      const notSent = this.options.failsWaiting?.(error) ?? null;
      if (notSent !== null) for (const entry of this.waiting.splice(0)) entry.reject(notSent);
    } finally {
      this.inFlight -= 1;
      this.schedule();
    }
  }

  private takeBatch(): Array<Entry<Item, Result>> {
    const { maxBatch, maxInFlight, smallestShare = Number.POSITIVE_INFINITY } = this.options;
    const share = Math.ceil(this.waiting.length / (maxInFlight - this.inFlight));
    const size = share < smallestShare ? maxBatch : Math.min(maxBatch, share);
    if (this.waiting.length > size) return this.waiting.splice(0, size);
    const all = this.waiting;
    this.waiting = [];
    return all;
  }
}
