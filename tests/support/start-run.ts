import { randomUUID } from 'node:crypto';
import type { Database } from '../../db/database.ts';
import type { RedisStore } from '../../redis/store.ts';

/** Stores a run and puts it into the queue, or gives it a slot, as a start does; no event is published. */
export async function startRun(
  userId: string,
  database: Database,
  store: RedisStore,
): Promise<{ id: string; queued: boolean }> {
  const run = {
    id: randomUUID(),
    userId,
    workflowId: randomUUID(),
    workflowName: 'rig',
    stepCount: 1,
    priority: 'normal' as const,
    payload: {},
    requestHash: '',
    idempotencyKey: null,
    correlationId: 'rig',
    maxAttempts: 3,
    queueTimeoutSeconds: 300,
  };
  const [inserted] = await database.runs.insertBatch([run]);
  if (inserted?.kind !== 'inserted') throw new Error('the run was not stored');
  const { seq, acceptedAt, expiresAt } = inserted;
  const { id, workflowId, priority } = run;
  const entry = { runId: id, seq, userId, workflowId, priority, acceptedAt, expiresAt, attemptFloor: 0 };
  const admitted = await store.queue.admit([entry]);
  return { id, queued: admitted.kind === 'admitted' && admitted.results[0]?.kind === 'queued' };
}
