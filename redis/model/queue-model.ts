import { PRIORITY_BOOST_MS } from '../../shared/workflow/priority.ts';
import type { AdmitEntry } from '../results.ts';

/** What is known of a run wherever it is. */
export interface KnownRun {
  runId: string;
  /** Order of acceptance. */
  seq: number;
  userId: string;
  workflowId: string;
  /** With which the run was admitted: attempts up to this one belong to an earlier life of it. */
  attemptFloor: number;
}

export interface WaitingRun extends KnownRun {
  /** The time as whose the run counts: of its acceptance, less its priority's head start. */
  place: number;
  expiresAt: number;
}

/** What waits, in the order in which it will start: by place, ties by acceptance. */
export class QueueModel {
  private runs: WaitingRun[] = [];

  get inOrder(): readonly WaitingRun[] {
    return this.runs;
  }

  get length(): number {
    return this.runs.length;
  }

  /** `lastsUntil` is the end of the wait of a run that brings none of its own. */
  enter(entry: AdmitEntry, lastsUntil: number): void {
    this.runs.push({
      ...knownRun(entry),
      place: entry.acceptedAt - PRIORITY_BOOST_MS[entry.priority],
      expiresAt: entry.expiresAt || lastsUntil,
    });
    this.runs.sort((one, other) => one.place - other.place || one.seq - other.seq);
  }

  leave(runId: string): void {
    this.runs = this.runs.filter((run) => run.runId !== runId);
  }

  find(runId: string): WaitingRun | undefined {
    return this.runs.find((run) => run.runId === runId);
  }

  /** From 1. */
  positionOf(run: WaitingRun): number {
    return this.runs.indexOf(run) + 1;
  }

  lengthOf(userId: string): number {
    return this.runs.filter((run) => run.userId === userId).length;
  }

  /** The waits that are over, first those that ended first. */
  over(now: number): WaitingRun[] {
    const runs = this.runs.filter(({ expiresAt }) => expiresAt <= now);
    return runs.sort((one, other) => one.expiresAt - other.expiresAt || one.seq - other.seq);
  }

  /** Time (ms) until the next wait is over; 0: one is. */
  nextOverIn(now: number): number {
    return Math.max(0, Math.min(...this.runs.map(({ expiresAt }) => expiresAt)) - now);
  }
}

export function knownRun({ runId, seq, userId, workflowId, attemptFloor }: KnownRun): KnownRun {
  return { runId, seq, userId, workflowId, attemptFloor };
}
