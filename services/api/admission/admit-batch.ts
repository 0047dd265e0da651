import type { Runs } from '../../../db/repositories/runs.ts';
import type { InsertResult, NewRun } from '../../../db/repositories/runs-insertion.ts';
import type { AdmitResult } from '../../../redis/results.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import { currentScope, enterScopes } from '../../../shared/observability/tracing/details.ts';
import type { CapacityView } from './capacity-view.ts';
import type { Placeable } from './placeable.ts';
import type { Placement } from './placement.ts';
import { newRunId } from './run-id.ts';
import { isRefusal, outcomeOf, type StartOutcome } from './start-outcome.ts';
import type { StartRequest } from './start-request.ts';
import type { Withdrawals } from './withdrawals.ts';

export interface AdmitBatchDeps {
  runs: Pick<Runs, 'insertBatch' | 'removeRefused'>;
  withdrawals: Pick<Withdrawals, 'add'>;
  placement: Pick<Placement, 'place' | 'keep'>;
  view: Pick<CapacityView, 'limits' | 'curve'>;
  log: Logger;
  /** Workers a run may lose. */
  maxAttempts: number;
}

/** Accepts the starts of one moment: one INSERT, one admit script. Rejects only when Postgres did not take them. */
export class AdmitBatch {
  /** Resolves when the batch before has sent its admit command. */
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly deps: AdmitBatchDeps) {}

  async run(requests: StartRequest[]): Promise<StartOutcome[]> {
    const scope = currentScope();
    const items = requests.map((request) => this.newRun(request));
    const { inserted, fresh, placing } = await this.inTurn(async (myTurn) => {
      const inserted = await this.insert(items);
      await myTurn;
      const fresh = newOnes(items, inserted);
      return {
        inserted,
        fresh,
        placing: fresh.length === 0 ? null : enterScopes([scope], () => this.deps.placement.place(fresh)),
      };
    });
    const admitted = await placing;
    // Without Redis there is no estimate either, and nobody should wait for hearing so.
    const curve = admitted === null ? null : await this.deps.view.curve();
    const results = await this.removeRefused(items, fresh, admitted?.results ?? []);

    let next = 0;
    return inserted.map((result): StartOutcome => {
      if (result.kind === 'replayed') return result;
      const run = result.kind === 'inserted' ? fresh[next] : undefined;
      if (run === undefined) return { kind: 'key_reused', error: new WeirError('idempotency_key_reused') };
      const placed = results[next++];
      if (placed instanceof WeirError) return { kind: 'failed', error: placed };
      return outcomeOf(run.runId, run.expiresAt, placed, admitted, curve);
    });
  }

  /**
   * Several batches are under way at once. They ask Redis in the order in which they were sent to Postgres, so that a later
   * one does not take the slot of an earlier one.
   */
  private async inTurn<Result>(work: (myTurn: Promise<void>) => Promise<Result>): Promise<Result> {
    const myTurn = this.turn;
    let pass = () => {};
    this.turn = new Promise((resolve) => {
      pass = resolve;
    });
    try {
      return await work(myTurn);
    } finally {
      pass();
    }
  }

  private async insert(items: NewRun[]): Promise<InsertResult[]> {
    try {
      return await this.deps.runs.insertBatch(items);
    } catch (error) {
      if (mayBeStored(error)) this.withdraw(items);
      throw error;
    }
  }

  /** What its sender is not told to be accepted is better not done: he may send it again. With a key, such a repeat decides. */
  private withdraw(items: readonly NewRun[]): void {
    this.deps.withdrawals.add(items.filter((item) => item.idempotencyKey === null).map((item) => item.id));
  }

  private newRun(request: StartRequest): NewRun {
    return {
      id: newRunId(),
      userId: request.userId,
      workflowId: request.workflow.id,
      workflowName: request.workflow.name,
      stepCount: request.workflow.steps.length,
      priority: request.priority,
      payload: request.payload,
      requestHash: request.requestHash,
      idempotencyKey: request.idempotencyKey,
      correlationId: request.correlationId,
      traceParent: request.traceParent ?? null,
      maxAttempts: this.deps.maxAttempts,
      queueTimeoutSeconds: this.deps.view.limits.queue_timeout_seconds,
    };
  }

  /**
   * Takes the refused runs out of Postgres again, before anybody is told. Answers what has become of `fresh`, one by one; a refused run
   * that stays (too late to remove it) is accepted after all.
   */
  private async removeRefused(
    items: readonly NewRun[],
    fresh: readonly Placeable[],
    results: readonly AdmitResult[],
  ): Promise<ReadonlyArray<AdmitResult | WeirError | undefined>> {
    if (!results.some(isRefusal)) return results;
    const refused = fresh.filter((_, index) => isRefusal(results[index]));
    const ids = new Set(refused.map(({ runId }) => runId));
    try {
      const staying = new Set(await this.deps.runs.removeRefused([...ids]));
      if (staying.size === 0) return results;
      this.deps.placement.keep(refused.filter(({ runId }) => staying.has(runId)));
      return results.map((result, index) => (staying.has(fresh[index]?.runId ?? '') ? undefined : result));
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      // They may stay, be gone, or go when Postgres thaws: nobody may be told that they are accepted, nor that they are not.
      this.deps.log.warn('refused runs could not be removed yet', { count: refused.length, error });
      this.withdraw(items.filter(({ id }) => ids.has(id)));
      const unknown = error.as('outcome_unknown');
      return results.map((result) => (isRefusal(result) ? unknown : result));
    }
  }
}

function mayBeStored(error: unknown): boolean {
  return !(error instanceof WeirError) || error.code === 'outcome_unknown';
}

/** The runs that were not there before, in order. */
function newOnes(items: readonly NewRun[], inserted: readonly InsertResult[]): Placeable[] {
  const fresh: Placeable[] = [];
  for (const [index, item] of items.entries()) {
    const result = inserted[index];
    if (result?.kind !== 'inserted') continue;
    fresh.push({
      runId: item.id,
      seq: result.seq,
      userId: item.userId,
      workflowId: item.workflowId,
      workflowName: item.workflowName,
      traceParent: item.traceParent ?? null,
      priority: item.priority,
      acceptedAt: result.acceptedAt,
      expiresAt: result.expiresAt,
      attemptFloor: 0,
    });
  }
  return fresh;
}
