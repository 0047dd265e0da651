import type { LeanRun } from '../../db/repositories/run-row.ts';
import type { Runs } from '../../db/repositories/runs.ts';
import type { ClusterState } from '../../redis/cluster-state.ts';
import type { Rebuilding } from '../../redis/results.ts';
import type { RunQueue } from '../../redis/run-queue.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { isFinal } from '../../shared/workflow/run-state.ts';
import { toAdmitEntry } from './to-admit-entry.ts';

export interface SlotAuditDeps {
  runs: Pick<Runs, 'runningAll' | 'getMany'>;
  queue: Pick<RunQueue, 'positions' | 'admit'>;
  cluster: Pick<ClusterState, 'runningGrants'>;
  metrics: Metrics['capacity'];
  log: Logger;
}

/**
 * Holds the slots of Redis against the runs that Postgres says are running, and sets the metric `lease_drift`.
 *
 * A slot of a run that has ended heals by itself: nobody renews it, so it is rescued, and the claim finds the run ended. A running
 * run without slot or place (Redis came back a second older than it was) would be lost: it goes to the queue with its original
 * time, so to the front. Its attempt becomes the floor, which shuts out a worker that may still be at it.
 */
export class SlotAudit {
  constructor(private readonly deps: SlotAuditDeps) {}

  /** Null: done. */
  async round(epoch: number): Promise<Rebuilding | null> {
    const { runs, cluster, metrics } = this.deps;
    // In this order: a run has its slot before it is running and keeps it until it no longer is, so one that is seen running first
    // and without a slot then must have ended in between, or be stranded.
    const running = await runs.runningAll();
    const held = new Set((await cluster.runningGrants()).map((grant) => grant.runId));
    const stranded = await this.stranded(running.filter((run) => !held.has(run.id)));
    if (!Array.isArray(stranded)) return stranded;
    metrics.leaseDrift.set((await this.countEnded(held, running)) - stranded.length);
    if (stranded.length === 0) return null;
    this.deps.log.warn('running runs had no slot', { epoch, run_ids: stranded.map((run) => run.id) });
    const admitted = await this.deps.queue.admit(stranded.map(toQueueAgain));
    return admitted.kind === 'rebuilding' ? admitted : null;
  }

  private async stranded(slotless: LeanRun[]): Promise<LeanRun[] | Rebuilding> {
    const now = await this.deps.runs.getMany(slotless.map((run) => run.id));
    const stillRunning = now.filter((run) => run.status === 'running').sort((a, b) => a.seq - b.seq);
    const positions = await this.deps.queue.positions(stillRunning.map((run) => run.id));
    if (!Array.isArray(positions)) return positions;
    return stillRunning.filter((_, index) => positions[index]?.position === null);
  }

  /** Slots of runs that have ended, or never were. */
  private async countEnded(held: Set<string>, running: LeanRun[]): Promise<number> {
    const runningIds = new Set(running.map((run) => run.id));
    const doubtful = [...held].filter((runId) => !runningIds.has(runId));
    const alive = (await this.deps.runs.getMany(doubtful)).filter((run) => !isFinal(run.status));
    return doubtful.length - alive.length;
  }
}

/** Its wait began long ago and is no measure any more: it gets a whole new one. */
function toQueueAgain(run: LeanRun) {
  return { ...toAdmitEntry(run), expiresAt: 0 };
}
