import { LRUCache } from 'lru-cache';

export interface KeptReadsOptions<Value> {
  /** How long a value is kept (ms, whole). */
  lifeMs: number;
  /** What all kept values may measure together; the one not used for longest goes first. */
  maxSize: number;
  /** What a single one may measure; larger ones are not kept. Default: `maxSize`. */
  maxEntrySize?: number;
  sizeOf(value: Value): number;
  /** Monotonic ms; tests set it. */
  now?: () => number;
}

/** Values by key, in memory; those who miss the same one at the same time share one read. What is not there is not remembered. */
export class KeptReads<Value extends object> {
  private readonly kept: LRUCache<string, Value>;
  private readonly reading = new Map<string, Promise<Value | null>>();

  constructor({ lifeMs, maxSize, maxEntrySize = maxSize, sizeOf, now }: KeptReadsOptions<Value>) {
    this.kept = new LRUCache({
      ttl: lifeMs,
      // Zero: the clock is asked each time. It costs less than a value that is kept too long.
      ttlResolution: 0,
      // Else memory fills, up to the bound, with what nobody may be shown any more.
      ttlAutopurge: true,
      maxSize,
      maxEntrySize,
      sizeCalculation: (value) => Math.max(1, Math.ceil(sizeOf(value))),
      ...(now === undefined ? {} : { perf: { now } }),
    });
  }

  /** How many are in memory. */
  get size(): number {
    return this.kept.size;
  }

  /** undefined: not kept. */
  peek(key: string): Value | undefined {
    return this.kept.get(key);
  }

  /** The value that is kept, else that of `read`; null: there is none. */
  async get(key: string, read: () => Promise<Value | null>): Promise<Value | null> {
    const kept = this.kept.get(key);
    if (kept !== undefined) return kept;
    let reading = this.reading.get(key);
    if (reading === undefined) {
      reading = this.load(key, read);
      this.reading.set(key, reading);
    }
    return reading;
  }

  private async load(key: string, read: () => Promise<Value | null>): Promise<Value | null> {
    try {
      const value = await read();
      if (value !== null) this.kept.set(key, value);
      return value;
    } finally {
      this.reading.delete(key);
    }
  }
}
