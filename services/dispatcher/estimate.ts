import type { ServiceSample } from '../../redis/results.ts';
import { type DurationGuess, ServiceTimes } from './service-times.ts';

/** Positions a curve says something about; those beyond wait at least as long as the last. */
export const MAX_ESTIMATED_POSITIONS = 1000;

/** What the future of the queue depends on. */
export interface EstimateInput {
  /** Slots of the cluster. */
  maxWorkflows: number;
  /** Runs that hold one. `workflowId` null: not known. */
  running: ReadonlyArray<{ workflowId: string | null; elapsedMs: number }>;
  /** Workflows of the waiting runs in queue order; positions beyond are taken for the usual mixture. */
  waiting: readonly string[];
  /** Times of finished runs, newest first. */
  samples: readonly ServiceSample[];
  /** Starts per second the level allows; null: as slots free. */
  startsPerSecond: number | null;
}

/** Waits in seconds by position (index 0 = position 1): `seconds` expected; `low` and `high` from medians and 90th percentiles. */
export interface EstimatedWaits {
  seconds: number[];
  low: number[];
  high: number[];
}

/**
 * Estimated wait of each position, or null when nothing honest can be said: no run has finished yet, or there is no slot
 * at all. Plays the queue forward: whoever is first takes the slot that frees first and keeps it for the service time of
 * its workflow. That is the recursion of Kiefer and Wolfowitz, "On the theory of queues with many servers" (1955), on
 * measured instead of random times; it makes waits monotone in position, in service times and (falling) in slots.
 */
export function estimateWaits(input: EstimateInput, positions = MAX_ESTIMATED_POSITIONS): EstimatedWaits | null {
  const times = ServiceTimes.from(input.samples);
  if (times === null || input.maxWorkflows === 0) return null;
  const remaining = input.running.map((run) => times.remaining(run.workflowId, run.elapsedMs));
  const usual = times.whole(null);
  const known = new Map(input.waiting.map((workflowId) => [workflowId, times.whole(workflowId)]));
  const services = Array.from({ length: positions }, (_, index) => known.get(input.waiting[index] ?? '') ?? usual);
  const play = (bound: keyof DurationGuess) => {
    const busy = remaining.map((guess) => guess[bound]);
    const lengths = services.map((guess) => guess[bound]);
    return startTimes(busy, lengths, input).map(toSeconds);
  };
  return { seconds: play('expected'), low: play('low'), high: play('high') };
}

/** Start times in ms from now of runs with these `lengths`, in order, when the held slots are `busy` for so long. */
function startTimes(busy: readonly number[], lengths: readonly number[], input: EstimateInput): number[] {
  const freeAt = slotsByTime(busy, input.maxWorkflows, lengths.length);
  const paceMs = input.startsPerSecond === null ? 0 : 1000 / input.startsPerSecond;
  const starts: number[] = [];
  let paced = 0;
  for (const length of lengths) {
    const start = Math.max(freeAt[0] ?? 0, paced);
    replaceFirst(freeAt, start + length);
    starts.push(start);
    paced = start + paceMs;
  }
  return starts;
}

/**
 * When each usable slot frees, ascending (so a valid heap), at most `needed` of them: the n-th start needs no more than n
 * slots. Holders beyond the limit (it was lowered) leave without making room for anybody: the earliest ones to end.
 */
function slotsByTime(busy: readonly number[], maxWorkflows: number, needed: number): number[] {
  const ends = busy.toSorted((a, b) => a - b);
  const free = Math.max(maxWorkflows - busy.length, 0);
  const usable = ends.slice(Math.max(busy.length - maxWorkflows, 0));
  return [...Array.from({ length: Math.min(free, needed) }, () => 0), ...usable].slice(0, needed);
}

/** Replaces the smallest element of a binary min-heap. */
function replaceFirst(heap: number[], value: number): void {
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= heap.length) break;
    if ((heap[child + 1] ?? Number.POSITIVE_INFINITY) < (heap[child] ?? 0)) child += 1;
    const smaller = heap[child] ?? 0;
    if (smaller >= value) break;
    heap[hole] = smaller;
    hole = child;
  }
  heap[hole] = value;
}

/** Tenths are as much as an estimate can mean. */
function toSeconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
