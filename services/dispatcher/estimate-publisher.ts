import type { ClusterState } from '../../redis/cluster-state.ts';
import type { RunQueue } from '../../redis/run-queue.ts';
import { estimateWaits, MAX_ESTIMATED_POSITIONS } from './estimate.ts';
import { ROUND_DONE, type RoundResult } from './round.ts';

/** Positions beyond the queue that are estimated too: those who come before the next curve is made. */
const HEADROOM = 100;

export interface EstimatePublisherDeps {
  cluster: Pick<ClusterState, 'read' | 'now' | 'serviceSamples' | 'runningGrants' | 'publishEstimate'>;
  queue: Pick<RunQueue, 'page'>;
}

/** Lets every replica answer "how long still?" from one curve, made once for the cluster. */
export class EstimatePublisher {
  constructor(private readonly deps: EstimatePublisherDeps) {}

  /** Publishes when somebody waits, or the next to come would: then it has its estimate from the first moment. */
  async round(): Promise<RoundResult> {
    const { cluster, queue } = this.deps;
    const state = await cluster.read();
    if (state.kind === 'rebuilding') return state;
    const paced = state.level.level !== 'normal';
    if (state.queueLength === 0 && state.slotsHeld < state.limits.max_workflows && !paced) return ROUND_DONE;
    const [now, samples, running, waiting] = await Promise.all([
      cluster.now(),
      cluster.serviceSamples(),
      cluster.runningGrants(),
      queue.page(0, MAX_ESTIMATED_POSITIONS),
    ]);
    const input = {
      maxWorkflows: state.limits.max_workflows,
      running,
      waiting: waiting.map((run) => run.workflowId),
      samples,
      startsPerSecond: paced ? state.limits.drain_per_second : null,
    };
    const waits = estimateWaits(input, Math.min(waiting.length + HEADROOM, MAX_ESTIMATED_POSITIONS));
    if (waits !== null) await cluster.publishEstimate({ at: now, ...waits });
    return ROUND_DONE;
  }
}
