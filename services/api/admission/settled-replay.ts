import type { RunRow } from '../../../db/repositories/run-row.ts';
import type { Runs } from '../../../db/repositories/runs.ts';
import type { ClusterState } from '../../../redis/cluster-state.ts';
import type { RunQueue } from '../../../redis/run-queue.ts';
import { abortableDelay } from '../../../shared/lifecycle/abortable-delay.ts';
import { placeableOf } from './placeable.ts';
import type { Placement } from './placement.ts';

export interface SettledReplayDeps {
  runs: Pick<Runs, 'get' | 'promise'>;
  queue: Pick<RunQueue, 'positions'>;
  cluster: Pick<ClusterState, 'runningGrants'>;
  placement: Pick<Placement, 'place' | 'keep'>;
}

/**
 * How long a repeat waits for the request that stored the run to place it (ms). Longer than that takes on a busy cluster; else its replica died
 * in between, or had given up an INSERT that took effect later.
 */
const PLACED_WITHIN_MS = 2_000;
/** Between looks (ms). */
const PAUSE_MS = 20;

/**
 * For the repeat of a request whose first copy may still be under way elsewhere: its run is stored, but may yet be refused and removed.
 * So the repeat waits until the run has its place, which is a matter of milliseconds, and has Postgres keep it before it says
 * "accepted". A run that nobody places is placed by the repeat: whatever is accepted after its answer must not start before it.
 */
export class SettledReplay {
  private readonly never = new AbortController().signal;

  constructor(private readonly deps: SettledReplayDeps) {}

  /** The run as it is now; null: it was refused and is gone, and its key is free. */
  async of(run: RunRow): Promise<RunRow | null> {
    const { runs } = this.deps;
    const deadline = performance.now() + PLACED_WITHIN_MS;
    let now: RunRow | null = run;
    for (; now !== null && mayBeRefused(now); now = await runs.get(run.id)) {
      const place = await this.placeOf(now.id);
      if (place === 'none' && performance.now() < deadline) {
        await abortableDelay(PAUSE_MS, this.never);
        continue;
      }
      const promised = isTouched(now) ? now : await runs.promise(now.id);
      if (promised === null) continue;
      if (place !== 'has') await this.give(promised, place);
      return promised;
    }
    return now;
  }

  /** `unknown`: Redis cannot be asked, or is being rebuilt. */
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

/** It waits for its first worker. */
function mayBeRefused(run: RunRow): boolean {
  return run.status === 'queued' && run.attempt === 0;
}

/** Nobody removes it any more (`Runs.promise`). */
function isTouched(run: RunRow): boolean {
  return run.updatedAt > run.acceptedAt;
}
