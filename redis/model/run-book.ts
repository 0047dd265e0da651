import type { Priority } from '../../shared/workflow/priority.ts';
import type { AdmitEntry, ReadyRun, RunningEntry } from '../results.ts';

/** A run as Postgres would have it. */
export interface BookedRun {
  runId: string;
  seq: number;
  userId: string;
  workflowId: string;
  priority: Priority;
  acceptedAt: number;
  expiresAt: number;
  promised: boolean;
  status: 'queued' | 'running' | 'ended';
  attempt: number;
  grantedAt: number;
  grantNo: number;
}

/** A run that a worker has taken from the ready list; it may have lost it since. */
export interface Hand {
  run: ReadyRun;
  /** The attempt in whose name it acts; before the claim half a one above the floor. */
  attempt: number;
  /** Whether it has claimed, or tried to. */
  claimed: boolean;
}

/** What Postgres and the workers know: it makes the commands of a test plausible, decides nothing and is not what is tested. */
export class RunBook {
  readonly runs: BookedRun[] = [];
  readonly hands: Hand[] = [];
  /** The greatest start number any worker has been told. */
  greatestGrant = 0;
  private generations = 0;

  /** A name no life of the capacity state has had. */
  nextGeneration(): string {
    this.generations += 1;
    return `generation-${this.generations}`;
  }

  accept(run: Pick<BookedRun, 'userId' | 'priority' | 'acceptedAt' | 'expiresAt' | 'promised'>): BookedRun {
    const seq = this.runs.length + 1;
    const booked: BookedRun = {
      ...run,
      runId: `run-${seq}`,
      seq,
      workflowId: `flow-${seq % 2}`,
      status: 'queued',
      attempt: 0,
      grantedAt: 0,
      grantNo: 0,
    };
    this.runs.push(booked);
    return booked;
  }

  find(runId: string): BookedRun | undefined {
    return this.runs.find((run) => run.runId === runId);
  }

  /** Since when the run counts as waiting, and until when it may. */
  admitted(runId: string, acceptedAt: number, expiresAt: number): void {
    Object.assign(this.find(runId) ?? {}, { acceptedAt, expiresAt });
  }

  taken(run: ReadyRun): void {
    this.greatestGrant = Math.max(this.greatestGrant, run.grantNo);
    this.hands.push({ run, attempt: run.attemptFloor + 0.5, claimed: false });
  }

  /** The worker's claim in Postgres gives the run its next attempt; false: it has ended, and the worker drops it. */
  claim(hand: Hand): boolean {
    hand.claimed = true;
    hand.attempt = hand.run.attemptFloor + 1;
    const booked = this.find(hand.run.runId);
    if (!booked || booked.status === 'ended') return false;
    booked.attempt += 1;
    booked.status = 'running';
    booked.grantedAt = hand.run.grantedAt;
    booked.grantNo = hand.run.grantNo;
    hand.attempt = booked.attempt;
    return true;
  }

  end(runId: string): void {
    const booked = this.find(runId);
    if (booked) booked.status = 'ended';
  }

  get queued(): AdmitEntry[] {
    return this.runs.filter(({ status }) => status === 'queued').map((run) => toEntry(run, run.attempt));
  }

  get running(): RunningEntry[] {
    return this.runs
      .filter(({ status }) => status === 'running')
      .map(({ runId, seq, userId, workflowId, attempt, grantedAt, grantNo }) => ({
        runId,
        seq,
        userId,
        workflowId,
        attempt,
        grantedAt,
        grantNo,
      }));
  }
}

export function toEntry(run: BookedRun, attemptFloor: number): AdmitEntry {
  const { runId, seq, userId, workflowId, priority, acceptedAt, expiresAt, promised } = run;
  return { runId, seq, userId, workflowId, priority, acceptedAt, expiresAt, attemptFloor, promised };
}
