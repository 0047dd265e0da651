import type { ServiceSample } from '../../redis/results.ts';

/** Weight of the newest sample: 1/8, as TCP smooths its round-trip time (RFC 6298), so the last five or so runs make up half. */
const EWMA_WEIGHT = 1 / 8;

/** A guess at a duration: `low` and `high` are the median and the 90th percentile, `expected` lies between them. All in ms. */
export interface DurationGuess {
  low: number;
  expected: number;
  high: number;
}

interface Distribution {
  ascending: number[];
  ewma: number;
}

/**
 * How long runs take, by workflow, from the times of runs that have finished. A workflow nobody has seen finish yet is
 * taken for the mixture of all. `expected` is an exponentially weighted moving average held between median and 90th
 * percentile: it follows a change of speed, and one outlier does not make everybody's estimate jump.
 */
export class ServiceTimes {
  private readonly byWorkflow = new Map<string, Distribution>();

  private constructor(private readonly all: Distribution) {}

  /** `samples` newest first; null when there are none, because then nothing honest can be said. */
  static from(samples: readonly ServiceSample[]): ServiceTimes | null {
    if (samples.length === 0) return null;
    const times = new ServiceTimes(describe(samples.map((sample) => sample.ms)));
    const grouped = new Map<string, number[]>();
    for (const { workflowId, ms } of samples) {
      const group = grouped.get(workflowId);
      if (group) group.push(ms);
      else grouped.set(workflowId, [ms]);
    }
    for (const [workflowId, group] of grouped) times.byWorkflow.set(workflowId, describe(group));
    return times;
  }

  /** A whole run; null: one whose workflow is not known. */
  whole(workflowId: string | null): DurationGuess {
    return this.remaining(workflowId, 0);
  }

  /**
   * What is left of a run that has held its slot for `elapsedMs`: the times of those that lasted longer, less what has
   * passed. One that has outlasted all of them is expected to stay late for as long again as it is late already (Lindy's
   * law), at most one more service time: without this an overdue run would count as a free slot for ever.
   */
  remaining(workflowId: string | null, elapsedMs: number): DurationGuess {
    const { ascending, ewma } = (workflowId === null ? undefined : this.byWorkflow.get(workflowId)) ?? this.all;
    const longest = ascending.at(-1) ?? 0;
    if (elapsedMs > longest) {
      const late = Math.min(elapsedMs - longest, ewma);
      return { low: late, expected: late, high: late };
    }
    const from = firstAtLeast(ascending, elapsedMs);
    const low = quantile(ascending, from, 0.5) - elapsedMs;
    const high = quantile(ascending, from, 0.9) - elapsedMs;
    return { low, expected: Math.min(Math.max(ewma - elapsedMs, low), high), high };
  }
}

function describe(newestFirst: readonly number[]): Distribution {
  const oldestFirst = newestFirst.toReversed();
  const ewma = oldestFirst.reduce((average, ms) => average + EWMA_WEIGHT * (ms - average));
  return { ascending: oldestFirst.sort((a, b) => a - b), ewma };
}

/** Index of the first value ≥ `bound` (binary search). */
function firstAtLeast(ascending: readonly number[], bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Nearest-rank quantile of the values from index `from` on. */
function quantile(ascending: readonly number[], from: number, share: number): number {
  const count = ascending.length - from;
  return ascending[from + Math.max(Math.ceil(count * share) - 1, 0)] ?? 0;
}
