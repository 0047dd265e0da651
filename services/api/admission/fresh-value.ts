/**
 * A value that costs a round trip, read at most once per `maxAgeMs` however many ask: callers in between share the last
 * one, callers during a read share that read. A rejected read is not kept.
 */
export class FreshValue<Value> {
  private kept: { value: Value; at: number } | undefined;
  private reading: Promise<Value> | undefined;
  private generation = 0;

  constructor(
    private readonly read: () => Promise<Value>,
    private readonly maxAgeMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The last value, however old; undefined before the first and after `forget`. */
  get latest(): Value | undefined {
    return this.kept?.value;
  }

  async get(): Promise<Value> {
    if (this.kept !== undefined && this.now() - this.kept.at <= this.maxAgeMs) return this.kept.value;
    this.reading ??= this.load(this.generation);
    return this.reading;
  }

  /** The next caller reads anew; a read under way was begun too early to count for it. */
  forget(): void {
    this.generation += 1;
    this.kept = undefined;
    this.reading = undefined;
  }

  private async load(generation: number): Promise<Value> {
    const at = this.now();
    try {
      const value = await this.read();
      if (generation === this.generation) this.kept = { value, at };
      return value;
    } finally {
      if (generation === this.generation) this.reading = undefined;
    }
  }
}
