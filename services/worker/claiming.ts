import type { Claimed, RunClaiming } from '../../db/repositories/runs-claiming.ts';
import type { SlotLeases } from '../../redis/slot-leases.ts';
import { WeirError } from '../../shared/errors/weir-error.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import { MicroBatcher } from '../../shared/resilience/micro-batcher.ts';
import type { ClaimGate } from './claim-gate.ts';
import type { RunInHand } from './run-in-hand.ts';
import { untilAborted } from './until-aborted.ts';

/** Runs of one call; keeps a script below some milliseconds. */
const MAX_BATCH = 500;

export interface ClaimingDeps {
  /** Name of this worker in the record. */
  worker: string;
  runs: Pick<RunClaiming, 'claim' | 'keepGrantNo'>;
  slots: Pick<SlotLeases, 'giveBack'>;
  gate: Pick<ClaimGate, 'watch'>;
  /** Aborts when this worker lets go of everything. */
  ending: AbortSignal;
  log: Logger;
}

/** Makes ready runs this worker's in Postgres, and lets go of those of which it surely is not. */
export class Claiming {
  private readonly returns: MicroBatcher<RunInHand, boolean>;
  /** Runs whose number is on its way to Postgres, which may be away for long. */
  private readonly keeping = new Set<string>();

  constructor(private readonly deps: ClaimingDeps) {
    this.returns = new MicroBatcher({ run: (runs) => this.giveBack(runs), maxBatch: MAX_BATCH, maxInFlight: 4 });
  }

  /**
   * Null: Postgres is away and has not heard of this claim. Others have the run then, in the place it had in the ready list. A run whose claim
   * may have been heard waits here for Postgres, with its slot, as one that was claimed does.
   */
  async claim(run: RunInHand): Promise<Claimed | null> {
    const { worker, runs, gate } = this.deps;
    const { runId, grantNo, grantedAt } = run.ready;
    const claims = runs.claim([{ runId, worker, grantNo, grantedAt }], { patient: run.signal });
    try {
      const [claimed] = await gate.watch(untilAborted(claims, run.signal));
      if (claimed === undefined) throw new Error('a claim without a result');
      return claimed;
    } catch (error) {
      if (run.left !== null || !(error instanceof WeirError)) throw error;
      await this.returns.add(run);
      this.keepGrantNo(run);
      return null;
    }
  }

  /** The run keeps its number, should Redis lose its data before another worker claims it. Nobody waits for it: the line to Postgres may be cut for long. */
  keepGrantNo({ runId, ready }: RunInHand): void {
    const { runs, ending, log } = this.deps;
    if (this.keeping.has(runId)) return;
    this.keeping.add(runId);
    runs
      .keepGrantNo(ready, { patient: ending })
      .catch((error: unknown) => log.warn('the number of a lost slot is not kept', { run_id: runId, error }))
      .finally(() => this.keeping.delete(runId));
  }

  private async giveBack(runs: RunInHand[]): Promise<boolean[]> {
    const run_ids = runs.map(({ runId }) => runId);
    try {
      await this.deps.slots.giveBack(runs.map(({ runId, attempt }) => ({ runId, attempt })));
      this.deps.log.info('runs given back, Postgres takes no claims', { run_ids });
      return runs.map(() => true);
    } catch (error) {
      this.deps.log.warn('runs not given back, they come back when their leases lapse', { run_ids, error });
      return runs.map(() => false);
    }
  }
}
