import type { RunRow } from '../../../db/repositories/run-row.ts';
import type { Runs } from '../../../db/repositories/runs.ts';
import type { EventStreams } from '../../../redis/event-streams.ts';
import type { RunQueue } from '../../../redis/run-queue.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { terminalEvent } from '../../../shared/protocol/terminal-event.ts';
import type { Placement } from './placement.ts';
import type { RefusalHints } from './refusal-hints.ts';

export interface CancelRunDeps {
  runs: Pick<Runs, 'cancel' | 'get'>;
  queue: Pick<RunQueue, 'cancel'>;
  events: Pick<EventStreams, 'publish'>;
  placement: Pick<Placement, 'forget'>;
  hints: Pick<RefusalHints, 'forget'>;
  metrics: Pick<Metrics['runs'], 'ended'>;
  log: Logger;
}

/** Ends a queued or running run at its owner's wish. */
export class CancelRun {
  constructor(private readonly deps: CancelRunDeps) {}

  /**
   * `ownerId` null: whoever owns it (admin). Final in Postgres when this resolves; the worker's next write hits no row. Throws
   * WeirError `run_not_found` or `run_not_cancellable`.
   */
  async cancel(runId: string, ownerId: string | null): Promise<RunRow> {
    const run = await this.deps.runs.cancel(runId, ownerId);
    if (run === null) throw await this.refusal(runId, ownerId);
    this.deps.metrics.ended(run);
    this.deps.placement.forget(runId);
    this.deps.hints.forget(run.userId);
    await this.tell(run);
    return run;
  }

  private async refusal(runId: string, ownerId: string | null): Promise<WeirError> {
    const run = await this.deps.runs.get(runId);
    const visible = run !== null && (ownerId === null || run.userId === ownerId);
    return new WeirError(visible ? 'run_not_cancellable' : 'run_not_found');
  }

  /** Without Redis the run is cancelled all the same: its place or slot goes when its worker or the leader finds it so. */
  private async tell(run: RunRow): Promise<void> {
    const event = terminalEvent(run);
    const told = await Promise.allSettled([
      this.deps.queue.cancel(run.id),
      event && this.deps.events.publish([{ ...event, traceparent: run.traceParent }]),
    ]);
    for (const result of told) {
      if (result.status === 'rejected')
        this.deps.log.warn('cancellation not passed on', { run_id: run.id, error: result.reason });
    }
  }
}
