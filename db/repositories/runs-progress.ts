import type { StepKind } from '../../shared/workflow/definition.ts';
import { plainArray, textArray } from '../array-literal.ts';
import { BatchWriter } from '../batch-writer.ts';
import { jsonText } from '../json-text.ts';
import { patiently } from '../patiently.ts';
import { BACKGROUND_TIMEOUT_MS, type Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';
import type { RunError } from './run-row.ts';
import { changingUnwatched, type RunsChanged } from './runs-changed.ts';
import type { Patience } from './runs-claiming.ts';
import { CHECKPOINT, FIND_FINISHED, FINISH, HAND_BACK, SAVE_STEP_STATE } from './runs-progress-statements.ts';

export interface Checkpoint {
  runId: string;
  attempt: number;
  index: number;
  name: string;
  type: StepKind;
  output: unknown;
  usage: unknown;
  startedAt: Date;
}

/** `lastStep`: kept with the end, in one commit; its output is the result. Left out: all steps are checkpointed. */
export type Finish = { runId: string; attempt: number } & (
  | { status: 'succeeded'; result: unknown; error: null; lastStep?: FinishedStep }
  | { status: 'failed'; result: unknown; error: RunError }
);

export type FinishedStep = Omit<Checkpoint, 'runId' | 'attempt' | 'output'>;

/**
 * What a worker writes about the run in its hands. Every write lands only while the run is `running` under the worker's attempt; false
 * means: fenced off, stop. All can be repeated, and the repeat of one that had landed says true again.
 */
export interface RunProgress {
  /** A step is done: its output is kept and a later attempt goes on behind it. */
  checkpoint(checkpoint: Checkpoint, options?: Patience): Promise<boolean>;
  /**
   * What the step under way wants to find again if the worker is lost; ends with its checkpoint. `step`: the index it belongs to; given,
   * a write that arrives late, when the run is at another step, is refused.
   */
  saveStepState(
    runId: string,
    attempt: number,
    state: unknown,
    options?: Patience & { step?: number },
  ): Promise<boolean>;
  finish(finish: Finish, options?: Patience): Promise<boolean>;
  /** The worker stops and lets go of runs: their next claim costs none of their attempts. Runs that are no longer its are left alone. */
  handBack(items: readonly { runId: string; attempt: number }[], options?: Patience): Promise<void>;
}

interface StepState {
  runId: string;
  attempt: number;
  step: number | undefined;
  state: unknown;
}

export function runProgress(postgres: Postgres, changed: RunsChanged): RunProgress {
  const run = (statement: Statement, values: unknown[]) =>
    postgres.run<{ id: string }>(statement, values, { timeoutMs: BACKGROUND_TIMEOUT_MS });

  /** A batch of fenced writes: true for those whose run was hit. */
  const fenced = <Item extends { runId: string }>(write: (items: Item[]) => Promise<{ id: string }[]>) =>
    new BatchWriter<Item, boolean>({
      keyOf: (item) => item.runId,
      async write(items) {
        const ids = items.map((item) => item.runId);
        const written = await changingUnwatched(changed, ids, write(items));
        const hit = new Set(written.map((row) => row.id));
        return items.map((item) => hit.has(item.runId));
      },
    });

  const checkpoints = fenced<Checkpoint>((items) =>
    run(CHECKPOINT, [
      ...identity(items),
      plainArray(items.map((item) => item.index)),
      textArray(items.map((item) => item.name)),
      plainArray(items.map((item) => item.type)),
      textArray(items.map((item) => jsonText(item.output))),
      nullableJson(items.map((item) => item.usage)),
      plainArray(items.map((item) => item.startedAt.getTime())),
    ]),
  );

  const stepStates = fenced<StepState>((items) =>
    run(SAVE_STEP_STATE, [
      ...identity(items),
      plainArray(items.map((item) => item.step ?? 'NULL')),
      nullableJson(items.map((item) => item.state)),
    ]),
  );

  const finishes = fenced<Finish>(async (items) => {
    const values = (finishes: Finish[]) => [
      ...identity(finishes),
      plainArray(finishes.map((finish) => finish.status)),
      nullableJson(finishes.map((finish) => finish.result)),
      nullableJson(finishes.map((finish) => finish.error)),
    ];
    const steps = items.map((item) => ('lastStep' in item ? item.lastStep : undefined));
    const landed = await run(FINISH, [
      ...values(items),
      plainArray(steps.map((step) => step?.index ?? 'NULL')),
      textArray(steps.map((step) => step?.name ?? null)),
      plainArray(steps.map((step) => step?.type ?? 'NULL')),
      nullableJson(steps.map((step) => step?.usage)),
      plainArray(steps.map((step) => step?.startedAt.getTime() ?? 'NULL')),
    ]);
    if (landed.length === items.length) return landed;
    const hit = new Set(landed.map((row) => row.id));
    const missed = items.filter((item) => !hit.has(item.runId));
    return [...landed, ...(await run(FIND_FINISHED, values(missed)))];
  });

  return {
    checkpoint: (checkpoint, { patient } = {}) => patiently(patient, () => checkpoints.add(checkpoint)),
    saveStepState: (runId, attempt, state, { patient, step } = {}) =>
      patiently(patient, () => stepStates.add({ runId, attempt, step, state })),
    finish: (finish, { patient } = {}) => patiently(patient, () => finishes.add(finish)),
    async handBack(items, { patient } = {}) {
      const ids = items.map((item) => item.runId);
      if (items.length > 0)
        await patiently(patient, () => changingUnwatched(changed, ids, run(HAND_BACK, identity(items))));
    },
  };
}

function identity(items: readonly { runId: string; attempt: number }[]): string[] {
  return [plainArray(items.map((item) => item.runId)), plainArray(items.map((item) => item.attempt))];
}

/** null and undefined are SQL NULL, not the JSON `null`. */
function nullableJson(values: readonly unknown[]): string {
  return textArray(values.map((value) => (value === null || value === undefined ? null : jsonText(value))));
}
