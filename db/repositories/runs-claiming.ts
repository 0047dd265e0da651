import { randomUUID } from 'node:crypto';
import type { Step } from '../../shared/workflow/definition.ts';
import { plainArray, textArray } from '../array-literal.ts';
import { BatchWriter } from '../batch-writer.ts';
import { patiently } from '../patiently.ts';
import { BACKGROUND_TIMEOUT_MS, type Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';
import { COLUMNS, hasStatus, type RunRow } from './run-row.ts';
import { changingUnwatched, type RunsChanged } from './runs-changed.ts';

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
   */
  claim(items: readonly ClaimItem[], options?: Patience): Promise<Claimed[]>;
  /**
   * For a worker that lost a slot before it could claim the run, as its line to Postgres was cut: the run, rescued, is given another one, with
   * a later number. It keeps the number of the first, so that the record tells in which order slots were given.
   */
  keepGrantNo(grant: Omit<ClaimItem, 'worker'>, options?: Patience): Promise<void>;
}

/** `claimId`: made once per claim, however often it is sent. */
interface PendingClaim extends ClaimItem {
  claimId: string;
}

interface ClaimedRow extends RunRow {
  steps: Step[] | null;
}

/** This very claim has been here before. */
const REPEATED = 'coalesce(r.claim_id = item.claim_id, false)';
const ALLOWED = `(r.attempt < r.max_attempts OR ${REPEATED})`;

/**
 * Either takes the run or, when its attempts are used up, fails it; which one is read from the status afterwards. A claim that was
 * given up and sent again finds its own `claim_id` and changes nothing: otherwise every repeat during an outage would use up an attempt.
 * The definition comes along, so the common case is one statement.
 */
const CLAIM: Statement = {
  name: 'runs.claim',
  text: `
    UPDATE runs r SET
      status = CASE WHEN ${ALLOWED} THEN 'running' ELSE 'failed' END,
      attempt = r.attempt + CASE WHEN ${ALLOWED} AND NOT ${REPEATED} THEN 1 ELSE 0 END,
      claim_id = item.claim_id,
      worker = item.worker,
      start_no = coalesce(r.start_no, item.start_no),
      granted_at = coalesce(r.granted_at, to_timestamp(item.granted_ms / 1000.0)),
      started_at = coalesce(r.started_at, now()),
      finished_at = CASE WHEN NOT ${ALLOWED} THEN now() END,
      error = CASE WHEN NOT ${ALLOWED} THEN jsonb_build_object(
        'code', 'attempts_exhausted',
        'reason', format('The worker of this run was lost too often: attempt %s was the last one allowed.', r.attempt),
        'step', (SELECT w.steps -> r.current_step ->> 'name' FROM workflows w WHERE w.id = r.workflow_id)) END,
      updated_at = now()
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[]) AS item(id, claim_id, start_no, granted_ms, worker)
    WHERE r.id = item.id AND ${hasStatus('queued', 'running')}
    RETURNING ${COLUMNS.full}, (SELECT w.steps FROM workflows w WHERE w.id = r.workflow_id) AS steps`,
};

/** A number of before the run was retried says nothing any more. */
const KEEP_GRANT_NO: Statement = {
  name: 'runs.keepGrantNo',
  text: `
    UPDATE runs r SET start_no = $2
    WHERE r.id = $1 AND coalesce(r.start_no > $2, true) AND r.accepted_at <= to_timestamp($3 / 1000.0)
      AND ${hasStatus('queued', 'running', 'succeeded', 'failed')}`,
};

/** For claims that hit no row. */
const FIND_ENDED: Statement = {
  name: 'runs.findEnded',
  text: `SELECT ${COLUMNS.full}, r.claim_id AS "claimId" FROM runs r WHERE r.id = ANY ($1::uuid[])`,
};

/**
 * Read after the claim, in a snapshot of its own: a checkpoint that the claim had to wait for (of the worker it has just fenced off)
 * is not in the snapshot of the claim.
 */
const OUTPUTS: Statement = {
  name: 'runSteps.outputs',
  text: `SELECT run_id AS "runId", name, output FROM run_steps WHERE run_id = ANY ($1::uuid[]) ORDER BY run_id, index`,
};

export function runClaiming(postgres: Postgres, changed: RunsChanged): RunClaiming {
  const run = <Row extends object>(statement: Statement, values: unknown[]) =>
    postgres.run<Row>(statement, values, { timeoutMs: BACKGROUND_TIMEOUT_MS });

  async function write(claims: PendingClaim[]): Promise<Claimed[]> {
    const ids = claims.map((claim) => claim.runId);
    const taken = run<ClaimedRow>(CLAIM, [
      plainArray(ids),
      plainArray(claims.map((claim) => claim.claimId)),
      plainArray(claims.map((claim) => claim.grantNo)),
      plainArray(claims.map((claim) => claim.grantedAt)),
      textArray(claims.map((claim) => claim.worker)),
    ]);
    const rows = await changingUnwatched(changed, ids, taken);
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

  const writer = new BatchWriter<PendingClaim, Claimed>({ keyOf: (claim) => claim.runId, write });

  return {
    claim: (items, { patient } = {}) =>
      Promise.all(
        items.map((item) => {
          const claim = { ...item, claimId: randomUUID() };
          return patiently(patient, () => writer.add(claim));
        }),
      ),
    keepGrantNo: async ({ runId, grantNo, grantedAt }, { patient } = {}) => {
      const keep = () => run(KEEP_GRANT_NO, [runId, grantNo, grantedAt]);
      await changingUnwatched(changed, [runId], patiently(patient, keep));
    },
  };
}
