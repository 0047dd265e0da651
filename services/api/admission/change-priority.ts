import type { RunRow } from '../../../db/repositories/run-row.ts';
import type { Runs } from '../../../db/repositories/runs.ts';
import type { RunQueue } from '../../../redis/run-queue.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Priority } from '../../../shared/workflow/priority.ts';

export interface ChangePriorityDeps {
  runs: Pick<Runs, 'setPriority' | 'get'>;
  queue: Pick<RunQueue, 'move'>;
  log: Logger;
}

/** Told while Redis is away (s). */
const RETRY_SECONDS = 2;

/** Moves a waiting run forwards or backwards in the queue, at an administrator's wish. */
export class ChangePriority {
  constructor(private readonly deps: ChangePriorityDeps) {}

  /**
   * First Postgres, from which the leader and a rebuild take it; its place has changed when this resolves. May be repeated. Throws WeirError
   * `run_not_found`, `run_not_queued`, `storage_unavailable`, `outcome_unknown`, and `capacity_unavailable` when only Postgres could be told.
   */
  async change(runId: string, priority: Priority, by: string): Promise<RunRow> {
    const { runs, queue, log } = this.deps;
    const run = await runs.setPriority(runId, priority);
    if (run === null) throw new WeirError((await runs.get(runId)) === null ? 'run_not_found' : 'run_not_queued');
    log.warn('priority of a run changed', { run_id: runId, priority, by });
    const moved = await queue
      .move({ runId, acceptedAt: run.acceptedAt.getTime(), priority })
      .catch((cause: unknown) => ({ kind: 'unavailable' as const, cause }));
    if (moved.kind === 'moved' || moved.kind === 'unknown') return run;
    const cause = moved.kind === 'unavailable' ? moved.cause : 'the state is being rebuilt';
    throw new WeirError('capacity_unavailable', { cause, retryAfterSeconds: RETRY_SECONDS });
  }
}
