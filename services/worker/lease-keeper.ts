import { LEASES } from '../../redis/leases.ts';
import type { RenewResult } from '../../redis/results.ts';
import type { SlotLeases } from '../../redis/slot-leases.ts';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import { MicroBatcher } from '../../shared/resilience/micro-batcher.ts';
import type { RunInHand } from './run-in-hand.ts';
import type { RunsInHand } from './runs-in-hand.ts';

/** After a failed renewal: soon enough to be heard before a leader that has just come back looks for lapsed leases (ms). */
const RETRY_MS = 500;
/** Runs of one call; keeps a script below some milliseconds. */
const MAX_BATCH = 500;

export interface LeaseKeeperDeps {
  slots: Pick<SlotLeases, 'renew'>;
  hand: RunsInHand;
  log: Logger;
  /** Default: {@link LEASES}.slot.renewEveryMs. */
  renewEveryMs?: number;
}

/**
 * Keeps the slot leases of all runs in hand together.
 *
 * Trust window: until (start of the last renewal that said `held`) + `LEASES.slot.lengthMs` nobody else has the slot. Nothing here
 * relies on it: the lease says who counts towards the limit and whom the leader may rescue; who may write is decided by the attempt
 * in Postgres alone. So when Redis is away, runs go on past the window. A false rescue then costs a repeated step, never a wrong
 * result, while stopping all runs would lose the work of every one of them for a restart of Redis.
 */
export class LeaseKeeper {
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;
  private readonly batcher = new MicroBatcher<RunInHand, boolean>({
    run: async (runs) => {
      const answered = await this.renew(runs);
      return runs.map(() => answered);
    },
    maxBatch: MAX_BATCH,
    maxInFlight: 4,
  });

  constructor(private readonly deps: LeaseKeeperDeps) {}

  start(): void {
    this.loop ??= this.keep();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** Takes the slot of a run just claimed in the name of its attempt. Resolves when Redis has answered or does not. */
  async take(run: RunInHand): Promise<void> {
    await this.batcher.add(run);
  }

  private async keep(): Promise<void> {
    const { hand, renewEveryMs = LEASES.slot.renewEveryMs } = this.deps;
    for (let pauseMs = renewEveryMs; ; ) {
      await abortableDelay(pauseMs, this.stopping.signal);
      if (this.stopping.signal.aborted) return;
      const answered = await Promise.all(hand.all().map((run) => this.batcher.add(run)));
      pauseMs = answered.every(Boolean) ? renewEveryMs : Math.min(RETRY_MS, renewEveryMs);
    }
  }

  /** False: Redis gave no answer, or has lost its data and cannot judge yet; the runs go on. */
  private async renew(runs: RunInHand[]): Promise<boolean> {
    try {
      const results = await this.deps.slots.renew(runs.map(({ runId, attempt }) => ({ runId, attempt })));
      if (!Array.isArray(results)) return false;
      for (const [index, run] of runs.entries()) apply(run, results[index]);
      return true;
    } catch (error) {
      this.deps.log.warn('leases not renewed, runs go on', { runs: runs.length, error });
      return false;
    }
  }
}

function apply(run: RunInHand, result: RenewResult | undefined): void {
  if (result === 'lost' || result === 'cancelled') run.leave(result);
}
