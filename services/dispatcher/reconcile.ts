import type { LeanRun } from '../../db/repositories/run-row.ts';
import type { Runs } from '../../db/repositories/runs.ts';
import type { ClusterState } from '../../redis/cluster-state.ts';
import type { Rebuild as RebuildScripts } from '../../redis/rebuild.ts';
import { REBUILDING } from '../../redis/refusal.ts';
import type { Rebuilding } from '../../redis/results.ts';
import type { RunQueue } from '../../redis/run-queue.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import { dueScore, type Places } from './places.ts';
import type { QueueTimeout } from './queue-timeout.ts';
import { queuedRuns } from './queued-runs.ts';
import type { Retelling } from './retelling.ts';
import { ROUND_DONE, type RoundResult } from './round.ts';
import type { SlotAudit } from './slot-audit.ts';
import { toAdmitEntry } from './to-admit-entry.ts';

/** Runs compared at once. */
const PAGE = 1_000;
/**
 * Age (ms) below which a run is left to the replica that accepted it: between its insert and the end of its admission lie at most one
 * command time limit (1 s) and a wait in the batcher. Younger ones would only be admitted twice, at worst after a refusal.
 */
const SETTLED_AFTER_MS = 2_000;

export interface ReconcileDeps {
  rebuild: Pick<RebuildScripts, 'isMissing'>;
  runs: Pick<Runs, 'queuedAll'>;
  queue: Pick<RunQueue, 'positions' | 'admit'>;
  cluster: Pick<ClusterState, 'now' | 'runningGrants'>;
  queueTimeout: Pick<QueueTimeout, 'apply' | 'tellOwed'>;
  places: Pick<Places, 'round'>;
  retelling: Pick<Retelling, 'round'>;
  slotAudit: Pick<SlotAudit, 'round'>;
  log: Logger;
}

/**
 * Finds runs that Postgres says are waiting and Redis does not know: accepted while Redis was away, by a replica that died before
 * it could admit them, or expired by a leader that died before it could say so. Those past their deadline by the Redis clock, which
 * decides about waits, are timed out, the others get their old place. Also the other way round: what Redis has and Postgres has not
 * (any more) or has otherwise, and ends that were not told.
 */
export class Reconcile {
  constructor(private readonly deps: ReconcileDeps) {}

  async round(epoch: number, signal: AbortSignal): Promise<RoundResult> {
    if (await this.deps.rebuild.isMissing()) return REBUILDING;
    const now = await this.deps.cluster.now();
    const waiting = new Map<string, number>();
    for await (const page of queuedRuns(this.deps.runs, PAGE, signal)) {
      for (const run of page) waiting.set(run.id, dueScore(run));
      const settled = page.filter((run) => run.acceptedAt.getTime() <= now - SETTLED_AFTER_MS);
      const unknown = await this.unknownToRedis(settled);
      if (!Array.isArray(unknown)) return unknown;
      if (unknown.length === 0) continue;
      this.deps.log.warn('waiting runs were unknown to Redis', { epoch, runs: unknown.length });
      const result = await this.settle(unknown, now);
      if (result !== null) return result;
    }
    await this.deps.places.round(waiting);
    await this.deps.queueTimeout.tellOwed();
    await this.deps.retelling.round(now);
    return (await this.deps.slotAudit.round(epoch)) ?? ROUND_DONE;
  }

  private async unknownToRedis(runs: LeanRun[]): Promise<LeanRun[] | Rebuilding> {
    const positions = await this.deps.queue.positions(runs.map((run) => run.id));
    if (!Array.isArray(positions)) return positions;
    const unplaced = runs.filter((_, index) => positions[index]?.position === null);
    if (unplaced.length === 0) return [];
    // Asked after the positions: a run that leaves the queue in between is found here.
    const granted = new Set((await this.deps.cluster.runningGrants()).map((grant) => grant.runId));
    return unplaced.filter((run) => !granted.has(run.id));
  }

  private async settle(runs: LeanRun[], now: number): Promise<Rebuilding | null> {
    const overdue = runs.filter((run) => run.expiresAt.getTime() <= now);
    const waiting = runs.filter((run) => run.expiresAt.getTime() > now);
    await this.deps.queueTimeout.apply(overdue.map((run) => run.id));
    if (waiting.length === 0) return null;
    const admitted = await this.deps.queue.admit(waiting.map(toAdmitEntry));
    return admitted.kind === 'rebuilding' ? admitted : null;
  }
}
