import type { LeanRun } from '../../db/repositories/run-row.ts';
import type { Runs } from '../../db/repositories/runs.ts';

/**
 * All queued runs of Postgres in the order of their acceptance, page by page. Rejects with the reason when `signal` aborts.
 * Runs accepted while it goes on may be missed or not.
 */
export async function* queuedRuns(
  runs: Pick<Runs, 'queuedAll'>,
  pageSize: number,
  signal: AbortSignal,
): AsyncGenerator<LeanRun[]> {
  let after: LeanRun | undefined;
  for (;;) {
    signal.throwIfAborted();
    const page = await runs.queuedAll({ ...(after && { after }), limit: pageSize });
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = page.at(-1);
  }
}
