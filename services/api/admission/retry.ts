import type { RunRow } from '../../../db/repositories/run-row.ts';
import type { Runs } from '../../../db/repositories/runs.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { NO_SPAN, type TraceSpan } from '../../../shared/observability/tracing/spans.ts';
import type { CapacityView } from './capacity-view.ts';
import { retryAfterSeconds, waitAt } from './estimate.ts';
import { placeableOf } from './placeable.ts';
import type { Placement } from './placement.ts';

export interface RetryRunDeps {
  runs: Pick<Runs, 'retry' | 'get' | 'undoRetry'>;
  placement: Pick<Placement, 'place' | 'keep' | 'refusalWhileBehind'>;
  view: Pick<CapacityView, 'limits' | 'curve'>;
  /** Workers a run may lose, counted anew for the retry. */
  maxAttempts: number;
}

/** Starts a failed run again; it goes on from its last checkpoint. */
export class RetryRun {
  constructor(private readonly deps: RetryRunDeps) {}

  /**
   * `ownerId` null: whoever owns it (admin). Throws WeirError `run_not_found`, `run_not_retryable`, and what a start throws; then the
   * run is failed as before.
   */
  async retry(runId: string, ownerId: string | null, span: TraceSpan = NO_SPAN): Promise<RunRow> {
    const { runs, placement, view, maxAttempts } = this.deps;
    const queueTimeoutSeconds = view.limits.queue_timeout_seconds;
    const refusedEarly = ownerId === null ? null : placement.refusalWhileBehind(ownerId);
    if (refusedEarly !== null) throw refusedEarly;
    const run = await runs.retry(runId, ownerId, {
      maxAttempts,
      queueTimeoutSeconds,
      traceParent: span.traceParent,
    });
    if (run === null) throw await this.refusal(runId, ownerId);
    span.linger();
    const placeable = placeableOf(run);
    const result = (await placement.place([placeable]))?.results[0];
    if (result?.kind !== 'queue_full' && result?.kind !== 'user_queue_full') return run;
    if ((await runs.undoRetry(run.id)) === null) return run;
    throw new WeirError(result.kind, { retryAfterSeconds: retryAfterSeconds(waitAt(await view.curve(), 1)) });
  }

  private async refusal(runId: string, ownerId: string | null): Promise<WeirError> {
    const run = await this.deps.runs.get(runId);
    const visible = run !== null && (ownerId === null || run.userId === ownerId);
    return new WeirError(visible ? 'run_not_retryable' : 'run_not_found');
  }
}
