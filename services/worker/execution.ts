import type { RunRow } from '../../db/repositories/run-row.ts';
import type { Claimed } from '../../db/repositories/runs-claiming.ts';
import type { Finish, FinishedStep, RunProgress } from '../../db/repositories/runs-progress.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { TraceSpan } from '../../shared/observability/tracing/spans.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import type { RunEvents } from './run-events.ts';
import { inStepSpan } from './run-span.ts';
import type { StepResult } from './steps/step-executor.ts';
import { executeStep, type StepExecutors } from './steps/step-executors.ts';
import { StepFailure } from './steps/step-failure.ts';
import { untilAborted } from './until-aborted.ts';

/** A write has hit no row: a later attempt owns the run, or it has ended. This one stops without another word. */
export class FencedOff extends Error {
  constructor() {
    super('fenced off');
    this.name = 'FencedOff';
  }
}

export interface ExecutionDeps {
  runs: Pick<RunProgress, 'checkpoint' | 'saveStepState' | 'finish'>;
  executors: StepExecutors;
  metrics: Metrics['runs'];
}

/** A claimed run and what belongs to this attempt of it. */
export interface Execution {
  claimed: Extract<Claimed, { kind: 'claimed' }>;
  signal: AbortSignal;
  span: TraceSpan;
  events: RunEvents;
  log: Logger;
}

/**
 * Takes one run from its checkpoint to its end: each step is executed, then checkpointed (the last one together with the end), then told;
 * a run interrupted at any point repeats at most the step it was in. While Postgres is away the writes wait for it, and the run keeps what it has.
 * Resolves to the run as it has ended. Rejects with {@link FencedOff} or the signal's reason when the run left before.
 */
export async function execute(deps: ExecutionDeps, execution: Execution): Promise<RunRow> {
  const { claimed, signal } = execution;
  const outputs: Record<string, unknown> = { ...claimed.outputs };
  for (const [index, step] of claimed.steps.entries()) {
    if (index < claimed.run.currentStep) continue;
    const outcome = await inStepSpan(execution.span, step, index, (span) =>
      runStep(deps, execution, { step, index, outputs, span }),
    );
    if (outcome instanceof StepFailure) {
      return finish(deps, execution, {
        status: 'failed',
        result: null,
        error: { code: outcome.code, reason: outcome.reason, step: step.name },
      });
    }
    const result = outcome.output ?? null;
    if (isLast(execution, index)) return asEnded(deps, execution, { status: 'succeeded', result, error: null });
    outputs[step.name] = result;
    signal.throwIfAborted();
  }
  // Another attempt has done all steps, and was lost before the end.
  const result = outputs[claimed.steps.at(-1)?.name ?? ''] ?? null;
  return finish(deps, execution, { status: 'succeeded', result, error: null });
}

interface StepRun {
  step: Step;
  index: number;
  /** Of the steps before, by name. */
  outputs: Record<string, unknown>;
  span: TraceSpan;
}

/** Executes and checkpoints a step. A failure is a result; what ends the attempt is thrown. */
async function runStep(
  deps: ExecutionDeps,
  execution: Execution,
  { step, index, outputs, span }: StepRun,
): Promise<StepResult | StepFailure> {
  const { claimed, signal, events } = execution;
  const { run } = claimed;
  const output = events.output(step);
  const startedAt = new Date();
  const begun = performance.now();
  const log = execution.log.child({ step: step.name });
  const done = (outcome: 'succeeded' | 'failed') => {
    const ms = performance.now() - begun;
    deps.metrics.stepSeconds.observe({ kind: step.type, outcome }, ms / 1_000);
    events.step(step, index, outcome, ms);
    return { kind: step.type, duration_ms: Math.round(ms) };
  };

  events.step(step, index, 'started', null);
  try {
    const context = {
      runId: run.id,
      userId: run.userId,
      correlationId: run.correlationId,
      index,
      scope: { payload: run.payload, outputs },
      signal,
      state: index === run.currentStep ? run.stepState : null,
      saveState: (state: unknown) =>
        landed(
          span.enter(() => deps.runs.saveStepState(run.id, run.attempt, state, { patient: signal })),
          signal,
        ),
      output,
      span,
      log,
    };
    const result = await untilAborted(executeStep(deps.executors, step, context), signal);
    output.end();
    const finished = { index, name: step.name, type: step.type, usage: result.usage ?? null, startedAt };
    await landed(
      span.enter(() => save(deps, execution, finished, result.output ?? null)),
      signal,
    );
    log.info('step succeeded', done('succeeded'));
    return result;
  } catch (error) {
    output.discard();
    signal.throwIfAborted();
    if (error instanceof FencedOff) throw error;
    const failure = asFailure(error);
    log.warn('step failed', { ...done('failed'), code: failure.code, error });
    return failure;
  }
}

/** With the last step goes the end: one commit less before the slot is free. */
function save(deps: ExecutionDeps, execution: Execution, step: FinishedStep, output: unknown): Promise<boolean> {
  const { claimed, signal } = execution;
  const mine = { runId: claimed.run.id, attempt: claimed.run.attempt };
  const options = { patient: signal };
  return isLast(execution, step.index)
    ? deps.runs.finish({ ...mine, status: 'succeeded', result: output, error: null, lastStep: step }, options)
    : deps.runs.checkpoint({ ...mine, ...step, output }, options);
}

function isLast({ claimed }: Execution, index: number): boolean {
  return index === claimed.steps.length - 1;
}

async function finish(deps: ExecutionDeps, execution: Execution, end: End): Promise<RunRow> {
  const { claimed, signal, span } = execution;
  const finished = { runId: claimed.run.id, attempt: claimed.run.attempt, ...end };
  await landed(
    span.enter(() => deps.runs.finish(finished, { patient: signal })),
    signal,
  );
  return asEnded(deps, execution, end);
}

function asEnded(deps: ExecutionDeps, { claimed }: Execution, end: End): RunRow {
  const ended = { ...claimed.run, ...end, finishedAt: new Date() };
  deps.metrics.ended(ended);
  return ended;
}

type End = Finish extends infer Each ? (Each extends Finish ? Omit<Each, 'runId' | 'attempt'> : never) : never;

/** A write under way when the run leaves may still land; it is fenced and repeatable, so it harms nobody. */
async function landed(write: Promise<boolean>, signal: AbortSignal): Promise<void> {
  if (!(await untilAborted(write, signal))) throw new FencedOff();
}

/** Whatever a step did not foresee is a fault of ours; repeating it on another worker would only repeat the fault. */
function asFailure(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error;
  return new StepFailure('internal', 'Something went wrong on our side while this step ran.', { cause: error });
}
