import { PRIORITY_BOOST_MS } from '../shared/workflow/priority.ts';
import { queueEntry } from './queue-entry.ts';
import type { AdmitEntry } from './results.ts';
import type { Argument } from './script-runner.ts';

/** Digits of a run, summed up; see `admitRuns`. */
const PROMISED = 1;
const TIMES_GIVEN = 2;

/** By what the queue is ordered (Unix ms): when the run was accepted, less its head start. */
export function queueScore({ acceptedAt, priority }: Pick<AdmitEntry, 'acceptedAt' | 'priority'>): number {
  return acceptedAt - PRIORITY_BOOST_MS[priority];
}

/**
 * Adds flags and runs to the arguments of `admitRuns`. Runs of one INSERT mostly have the same times, which are then given once: every
 * argument costs both sides about as much as a field of the run's entry does.
 */
export function addRuns(args: Argument[], entries: readonly AdmitEntry[]): void {
  const flagsAt = args.push('') - 1;
  let flags = '';
  let lastScore: number | undefined;
  let lastExpiry: number | undefined;
  for (const entry of entries) {
    const score = queueScore(entry);
    let flag = entry.promised ? PROMISED : 0;
    if (score !== lastScore || entry.expiresAt !== lastExpiry) {
      args.push(score, entry.expiresAt);
      flag += TIMES_GIVEN;
      lastScore = score;
      lastExpiry = entry.expiresAt;
    }
    args.push(entry.runId, queueEntry(entry, entry.attemptFloor));
    flags += flag;
  }
  args[flagsAt] = flags;
}
