import { randomUUID } from 'node:crypto';
import type { RunRow, RunStepRow } from '../../../db/repositories/run-row.ts';

/** A running run of a user `ann`. */
export function runRow(): RunRow {
  return {
    id: randomUUID(),
    seq: 1,
    userId: 'ann',
    workflowId: randomUUID(),
    workflowName: 'two steps',
    stepCount: 2,
    priority: 'normal',
    status: 'running',
    payload: {},
    requestHash: '',
    idempotencyKey: null,
    correlationId: 'correlation',
    traceParent: null,
    attempt: 1,
    maxAttempts: 3,
    acceptedAt: new Date(0),
    expiresAt: new Date(1),
    startNo: 1,
    grantedAt: null,
    startedAt: null,
    finishedAt: null,
    worker: 'test',
    currentStep: 0,
    stepState: null,
    result: null,
    error: null,
    updatedAt: new Date(0),
  };
}

/** Stands for table `runs`: one read can be held just before it answers with what it has found, which no real Postgres lets a test do. */
export class HeldRecord {
  readonly rows = new Map<string, RunRow>();
  reads = 0;
  private hold: { found: () => void; release: Promise<void> } | undefined;

  async get(id: string): Promise<RunRow | null> {
    this.reads += 1;
    const row = this.rows.get(id.toLowerCase()) ?? null;
    const { hold } = this;
    this.hold = undefined;
    hold?.found();
    await hold?.release;
    return row;
  }

  async steps(): Promise<RunStepRow[]> {
    return [];
  }

  holdNext(): { found: Promise<void>; release: () => void } {
    let release = () => {};
    let found = () => {};
    const hasFound = new Promise<void>((resolve) => {
      found = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.hold = { found, release: released };
    return { found: hasFound, release };
  }
}
