/** Width of a step: a percentile is at most this much too high. */
const GROWTH = 1.02;
const LOG_GROWTH = Math.log(GROWTH);
/** Everything below is one step (ms). */
const SMALLEST_MS = 0.05;

export interface Percentiles {
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

/** Times in steps of 2 %: however many there are, it stays small, and two can be added. */
export class Histogram {
  private readonly steps = new Map<number, number>();
  private total = 0;
  private largest = 0;

  get count(): number {
    return this.total;
  }

  add(ms: number): void {
    const step = ms <= SMALLEST_MS ? 0 : Math.ceil(Math.log(ms / SMALLEST_MS) / LOG_GROWTH);
    this.steps.set(step, (this.steps.get(step) ?? 0) + 1);
    this.total += 1;
    this.largest = Math.max(this.largest, ms);
  }

  /** The smallest time that `share` (0–1) of all stay within; null: nothing was measured. */
  percentile(share: number): number | null {
    if (this.total === 0) return null;
    const wanted = Math.max(1, Math.ceil(this.total * share));
    let seen = 0;
    for (const step of [...this.steps.keys()].sort((a, b) => a - b)) {
      seen += this.steps.get(step) ?? 0;
      if (seen >= wanted) return Math.min(this.largest, SMALLEST_MS * GROWTH ** step);
    }
    return this.largest;
  }

  percentiles(): Percentiles {
    return {
      count: this.total,
      p50: this.percentile(0.5),
      p95: this.percentile(0.95),
      p99: this.percentile(0.99),
      max: this.total === 0 ? null : this.largest,
    };
  }
}
