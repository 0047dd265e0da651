import { createDatabase } from '../../db/database.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import type { Stage } from '../support/cluster/stage.ts';
import { newRun } from '../support/new-run.ts';
import { recordedLog } from '../support/recorded-log.ts';

/** Starts in one statement. */
const GROUP = 1_000;

/** Puts so many starts of a workflow into the queue as a replica does, but without 20,000 requests; resolves to their ids in order. */
export async function fillQueue(stage: Stage, workflowId: string, count: number): Promise<string[]> {
  const settings = { WEIR_DATABASE_URL: stage.cluster.postgres.url, WEIR_DATABASE_POOL_SIZE: 2 };
  const database = createDatabase(settings, createMetrics(), recordedLog());
  const ids: string[] = [];
  try {
    while (ids.length < count) {
      const runs = Array.from({ length: Math.min(GROUP, count - ids.length) }, (_, n) =>
        newRun(workflowId, { userId: `waiting-${n % 50}`, queueTimeoutSeconds: 3_600 }),
      );
      const inserted = await database.runs.insertBatch(runs);
      const entries = runs.map(({ id, userId, priority }, n) => {
        const result = inserted[n];
        if (result?.kind !== 'inserted') throw new Error('a run was not stored');
        const { seq, acceptedAt, expiresAt } = result;
        return { runId: id, seq, userId, workflowId, priority, acceptedAt, expiresAt, attemptFloor: 0 };
      });
      const admitted = await stage.store.queue.admit(entries);
      if (admitted.kind !== 'admitted' || admitted.results.some(({ kind }) => kind !== 'queued'))
        throw new Error('a run did not get a place in the queue');
      ids.push(...runs.map(({ id }) => id));
    }
  } finally {
    await database.close();
  }
  return ids;
}
