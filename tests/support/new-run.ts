import { randomUUID } from 'node:crypto';
import type { NewRun } from '../../db/repositories/runs-insertion.ts';

/** A run of ada's as the door would store it; `but` says what is different. */
export function newRun(workflowId: string, but: Partial<NewRun> = {}): NewRun {
  return {
    id: randomUUID(),
    userId: 'ada',
    workflowId,
    workflowName: 'Test',
    stepCount: 1,
    priority: 'normal',
    payload: {},
    requestHash: 'hash',
    idempotencyKey: null,
    correlationId: 'correlation',
    maxAttempts: 3,
    queueTimeoutSeconds: 300,
    ...but,
  };
}
