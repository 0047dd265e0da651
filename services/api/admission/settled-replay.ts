import type { RunRow } from '../../../db/repositories/run-row.ts';
import type { Runs } from '../../../db/repositories/runs.ts';
import type { ClusterState } from '../../../redis/cluster-state.ts';
import type { RunQueue } from '../../../redis/run-queue.ts';
import { abortableDelay } from '../../../shared/lifecycle/abortable-delay.ts';

export interface SettledReplayDeps {
  runs: Pick<Runs, 'get'>;
  queue: Pick<RunQueue, 'positions'>;
  cluster: Pick<ClusterState, 'runningGrants'>;
}

/**
 * Longer than the request that stored the run can take to place or remove it: one second for Redis, one for Postgres. Should its
 * replica have died in between, nobody removes the run any more, and the leader's reconcile places it (ms).
 */
const SETTLED_AFTER_MS = 3_000;
/** Between looks (ms). */
const PAUSE_MS = 20;

/**
 * For the repeat of a request whose first copy is still under way elsewhere: its run is stored, but may yet be refused and removed.
 * Saying "accepted" then would be a promise about a run that is gone. So the repeat waits until the run has its place,
 * which is a matter of milliseconds; a run that has a place is never removed.
 */
export class SettledReplay {
  private readonly never = new AbortController().signal;

  constructor(private readonly deps: SettledReplayDeps) {}

  /** The run as it is now; null: it was refused and is gone, and its key is free. */
  async of(run: RunRow): Promise<RunRow | null> {
    // Compared on one clock, Postgres's and ours differing by less than what is added to the bound.
    const deadline = performance.now() + SETTLED_AFTER_MS - Math.max(0, Date.now() - run.acceptedAt.getTime());
    let now: RunRow | null = run;
    while (now !== null && this.mayBeRemoved(now) && performance.now() < deadline && !(await this.hasPlace(now.id))) {
      await abortableDelay(PAUSE_MS, this.never);
      now = await this.deps.runs.get(run.id);
    }
    return now;
  }

  private mayBeRemoved(run: RunRow): boolean {
    return run.status === 'queued' && run.attempt === 0;
  }

  /** Without Redis, or while it is rebuilt, nothing is refused for want of a place: true. */
  private async hasPlace(runId: string): Promise<boolean> {
    try {
      const positions = await this.deps.queue.positions([runId]);
      if (!Array.isArray(positions) || positions[0]?.position != null) return true;
      return (await this.deps.cluster.runningGrants()).some((grant) => grant.runId === runId);
    } catch {
      return true;
    }
  }
}
