import type { RunReading } from '../../db/repositories/runs-reading.ts';
import type { ClusterState } from '../../redis/cluster-state.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { levelRank } from '../../shared/workflow/capacity-level.ts';
import type { LevelChanges } from './level-changes.ts';

export interface ClusterGaugesDeps {
  cluster: Pick<ClusterState, 'read'>;
  runs: Pick<RunReading, 'longestWait'>;
  levels: Pick<LevelChanges, 'observe'>;
  metrics: Metrics['capacity'];
}

/** Shows the cluster's state in this replica's metrics. What cannot be read keeps its last value. */
export class ClusterGauges {
  constructor(private readonly deps: ClusterGaugesDeps) {}

  async showState(): Promise<void> {
    const { cluster, levels, metrics } = this.deps;
    const state = await cluster.read();
    if (state.kind !== 'state') return;
    metrics.users.set(state.level.activeUsers);
    metrics.maxUsers.set(state.limits.max_users);
    metrics.slots.set(state.slotsHeld);
    metrics.maxSlots.set(state.limits.max_workflows);
    metrics.ready.set(state.readyLength);
    metrics.queueLength.set(state.queueLength);
    metrics.queueLimit.set(state.limits.queue_max);
    metrics.queueTimeout.set(state.limits.queue_timeout_seconds);
    metrics.level.set(levelRank(state.level.level));
    levels.observe(state.level);
  }

  /** Asked of Postgres, so that a queue nobody moves is seen growing old while Redis is away. */
  async showOldest(): Promise<void> {
    this.deps.metrics.queueOldest.set(await this.deps.runs.longestWait());
  }
}
