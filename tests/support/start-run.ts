import type { Database } from '../../db/database.ts';
import type { NewRun } from '../../db/repositories/runs-insertion.ts';
import type { RedisStore } from '../../redis/store.ts';

/** Stores a run and puts it into the queue, or gives it a slot, as a start does; no event is published. */
export async function startRun(database: Database, store: RedisStore, run: NewRun): Promise<{ queued: boolean }> {
  const [inserted] = await database.runs.insertBatch([run]);
  if (inserted?.kind !== 'inserted') throw new Error('the run was not stored');
  const { seq, acceptedAt, expiresAt } = inserted;
  const { id: runId, userId, workflowId, priority } = run;
  const admitted = await store.queue.admit([
    { runId, seq, userId, workflowId, priority, acceptedAt, expiresAt, attemptFloor: 0 },
  ]);
  return { queued: admitted.kind === 'admitted' && admitted.results[0]?.kind === 'queued' };
}
