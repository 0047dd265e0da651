import { randomUUID } from 'node:crypto';
import { WeirError } from '../../shared/errors/weir-error.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import { plainArray, textArray } from '../array-literal.ts';
import { BatchWriter } from '../batch-writer.ts';
import { patiently } from '../patiently.ts';
import { BACKGROUND_TIMEOUT_MS, type Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';
import type { RunRow } from './run-row.ts';
import { changingUnwatched, type RunsChanged } from './runs-changed.ts';
import { CLAIM, FIND_ENDED, KEEP_GRANT_NO, OUTPUTS } from './runs-claiming-statements.ts';

/** A ready run a worker has taken from the list. */
export interface ClaimItem {
  runId: string;
  worker: string;
  /** Order of the slot grant over the whole cluster. */
  grantNo: number;
  /** Unix ms of the slot grant. */
  grantedAt: number;
}

export type Claimed =
  /** The run is this worker's: its writes carry `run.attempt`. `outputs`: of the steps already checkpointed, by name. */
  | { kind: 'claimed'; run: RunRow; steps: Step[]; outputs: Record<string, unknown> }
  /** Too many workers were lost over it; it has just been marked failed. */
  | { kind: 'exhausted'; run: RunRow }
  /** Nothing to do: it has ended (`run` says how) or never was. */
  | { kind: 'gone'; run: RunRow | null };

/** Waits out an unavailable Postgres until the signal aborts; without it the first failure is the answer. */
export interface Patience {
  patient?: AbortSignal;
}

export interface RunClaiming {
  /**
   * Takes runs for a worker: attempt + 1, which fences off whoever had them before. The first claim after (re)acceptance records
   * when and in which order it started. Several claims of one run take turns, each gets its own attempt. One result per item, in order.
   *
   * Patience is for claims that may have been made, whose runs nobody else should have before that is known. One that surely was not made
   * rejects with `storage_unavailable` at once, and is not sent again.
   */
  claim(items: readonly ClaimItem[], options?: Patience): Promise<Claimed[]>;
  /** The claim of no run: answered whenever claims would be. */
  claimNothing(options?: Patience): Promise<void>;
  /**
   * For a worker that lost a slot before it could claim the run, as its line to Postgres was cut: the run, rescued, is given another one, with
   * a later number. It keeps the number of the first, so that the record tells in which order slots were given.
   */
  keepGrantNo(grant: Omit<ClaimItem, 'worker'>, options?: Patience): Promise<void>;
}

interface PendingClaim extends ClaimItem {
  /** Made once per claim, however often it is sent. */
  claimId: string;
  /** It has been made, or may have been, or may yet be. */
  mayStand: boolean;
}

interface ClaimedRow extends RunRow {
  steps: Step[] | null;
}

export function runClaiming(postgres: Postgres, changed: RunsChanged): RunClaiming {
  const run = <Row extends object>(statement: Statement, values: unknown[]) =>
    postgres.run<Row>(statement, values, { timeoutMs: BACKGROUND_TIMEOUT_MS });

  async function write(claims: PendingClaim[]): Promise<Claimed[]> {
    const ids = claims.map((claim) => claim.runId);
    const rows = await changingUnwatched(changed, ids, take(claims));
    const hit = new Map(rows.map((row) => [row.id, row]));
    const missed = claims.filter((claim) => !hit.has(claim.runId));
    const [outputs, ended] = await Promise.all([outputsOf(rows), endedOf(missed)]);
    return claims.map((claim) => {
      const row = hit.get(claim.runId);
      if (row === undefined) return ended(claim);
      const { steps, ...claimed } = row;
      if (claimed.status === 'failed') return { kind: 'exhausted', run: claimed };
      if (steps === null) return { kind: 'gone', run: claimed };
      return { kind: 'claimed', run: claimed, steps, outputs: outputs.get(claim.runId) ?? {} };
    });
  }

  async function take(claims: readonly PendingClaim[]): Promise<ClaimedRow[]> {
    let mayStand = true;
    try {
      return await run<ClaimedRow>(CLAIM, [
        plainArray(claims.map((claim) => claim.runId)),
        plainArray(claims.map((claim) => claim.claimId)),
        plainArray(claims.map((claim) => claim.grantNo)),
        plainArray(claims.map((claim) => claim.grantedAt)),
        textArray(claims.map((claim) => claim.worker)),
      ]);
    } catch (error) {
      mayStand = !hadNoEffect(error);
      throw error;
    } finally {
      if (mayStand) for (const claim of claims) claim.mayStand = true;
    }
  }

  async function outputsOf(rows: readonly RunRow[]): Promise<Map<string, Record<string, unknown>>> {
    const byRun = new Map<string, Record<string, unknown>>();
    const begun = rows.filter((row) => row.status === 'running' && row.currentStep > 0).map((row) => row.id);
    if (begun.length === 0) return byRun;
    for (const { runId, name, output } of await run<{ runId: string; name: string; output: unknown }>(OUTPUTS, [
      plainArray(begun),
    ])) {
      const outputs = byRun.get(runId) ?? {};
      outputs[name] = output;
      byRun.set(runId, outputs);
    }
    return byRun;
  }

  async function endedOf(claims: readonly PendingClaim[]): Promise<(claim: PendingClaim) => Claimed> {
    const rows =
      claims.length === 0
        ? []
        : await run<RunRow & { claimId: string | null }>(FIND_ENDED, [plainArray(claims.map((claim) => claim.runId))]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return (claim) => {
      const row = byId.get(claim.runId);
      if (row === undefined) return { kind: 'gone', run: null };
      const { claimId, ...ended } = row;
      const byThisClaim = claimId === claim.claimId && ended.error?.code === 'attempts_exhausted';
      return { kind: byThisClaim ? 'exhausted' : 'gone', run: ended };
    };
  }

  const writer = new BatchWriter<PendingClaim, Claimed>({
    keyOf: (claim) => claim.runId,
    write,
    // They would hang as long, and others may have the runs meanwhile.
    failsWaiting: (error) => (error instanceof WeirError ? error.as('storage_unavailable') : null),
  });

  return {
    claim: (items, { patient } = {}) =>
      Promise.all(
        items.map((item) => {
          const claim = { ...item, claimId: randomUUID(), mayStand: false };
          return patiently(
            patient,
            () => writer.add(claim),
            () => claim.mayStand,
          );
        }),
      ),
    claimNothing: async ({ patient } = {}) => void (await patiently(patient, () => take([]))),
    keepGrantNo: async ({ runId, grantNo, grantedAt }, { patient } = {}) => {
      const keep = () => run(KEEP_GRANT_NO, [runId, grantNo, grantedAt]);
      await changingUnwatched(changed, [runId], patiently(patient, keep));
    },
  };
}

/** Whether a failure says that the statement was never executed, or undone. */
function hadNoEffect(error: unknown): boolean {
  return error instanceof WeirError && error.code === 'storage_unavailable';
}
