import type { Database } from '../../../db/database.ts';

/** Does what a worker does with a run of {@link storeWorkflow}: claims it, finishes its first step, fails in the second. */
export async function failRun(database: Database, runId: string, reason: string): Promise<void> {
  const [claimed] = await database.runs.claim([{ runId, worker: 'test', grantNo: 1, grantedAt: Date.now() }]);
  if (claimed?.kind !== 'claimed') throw new Error(`could not claim ${runId}: ${claimed?.kind}`);
  const { attempt } = claimed.run;
  await database.runs.checkpoint({
    runId,
    attempt,
    index: 0,
    name: 'first',
    type: 'delay',
    output: { slept: true },
    usage: null,
    startedAt: new Date(),
  });
  await database.runs.finish({
    runId,
    attempt,
    status: 'failed',
    result: null,
    error: { code: 'test', reason, step: 'second' },
  });
}
