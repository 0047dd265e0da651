import type { RunRow } from '../../../db/repositories/run-row.ts';
import type { Runs } from '../../../db/repositories/runs.ts';
import { REMOVABLE_FOR_MS } from '../../../db/repositories/runs-insertion.ts';
import type { ClusterState } from '../../../redis/cluster-state.ts';
import type { RunQueue } from '../../../redis/run-queue.ts';
import { abortableDelay } from '../../../shared/lifecycle/abortable-delay.ts';
import { placeableOf } from './placeable.ts';
import type { Placement } from './placement.ts';

export interface SettledReplayDeps {
  runs: Pick<Runs, 'get'>;
  queue: Pick<RunQueue, 'positions'>;
  cluster: Pick<ClusterState, 'runningGrants'>;
  placement: Pick<Placement, 'place' | 'keep'>;
}

/**
 * After this (ms, since it was first seen here) nobody removes the run any more, and whoever stored it has placed it, or never will: its
 * replica died in between, or had given up an INSERT that took effect later.
 */
const SETTLED_AFTER_MS = REMOVABLE_FOR_MS + 1_000;
/** Between looks (ms). */
const PAUSE_MS = 20;

/**
 * For the repeat of a request whose first copy is still under way elsewhere: its run is stored, but may yet be refused and removed.
 * Saying "accepted" then would be a promise about a run that is gone. So the repeat waits until the run has its place,
 * which is a matter of milliseconds; a run that has a place is never removed. A run that nobody places is placed by the
 * repeat: whatever is accepted after its answer must not start before it.
 */
export class SettledReplay {
  private readonly never = new AbortController().signal;

  constructor(private readonly deps: SettledReplayDeps) {}

  /** The run as it is now; null: it was refused and is gone, and its key is free. */
  async of(run: RunRow): Promise<RunRow | null> {
    const deadline = performance.now() + SETTLED_AFTER_MS;
    for (let now: RunRow | null = run; ; now = await this.deps.runs.get(run.id)) {
      if (now === null || !this.mayBeRemoved(now)) return now;
      const place = await this.placeOf(now.id);
      if (place === 'has') return now;
      if (place === 'unknown' || performance.now() >= deadline) {
        await this.give(now, place);
        return now;
      }
      await abortableDelay(PAUSE_MS, this.never);
    }
  }

  private mayBeRemoved(run: RunRow): boolean {
    return run.status === 'queued' && run.attempt === 0;
  }

  /** `unknown`: without Redis, or while it is rebuilt, nothing is refused for want of a place. */
  private async placeOf(runId: string): Promise<'has' | 'none' | 'unknown'> {
    try {
      const positions = await this.deps.queue.positions([runId]);
      if (!Array.isArray(positions)) return 'unknown';
      if (positions[0]?.position != null) return 'has';
      return (await this.deps.cluster.runningGrants()).some((grant) => grant.runId === runId) ? 'has' : 'none';
    } catch {
      return 'unknown';
    }
  }

  /** As the first request would have done it. Should that one still come, it finds the run placed. */
  private async give(run: RunRow, place: 'none' | 'unknown'): Promise<void> {
    const accepted = { ...placeableOf(run), promised: true };
    // Redis has just left a question unanswered: nobody should wait for the same a second time.
    if (place === 'unknown') this.deps.placement.keep([accepted]);
    else await this.deps.placement.place([accepted]);
  }
}
