import type { Logger } from '../../../shared/observability/logger.ts';
import type { TraceSpan } from '../../../shared/observability/tracing/spans.ts';
import type { Step } from '../../../shared/workflow/definition.ts';
import type { TemplateScope } from '../../../shared/workflow/template.ts';

/** Where a step's live text goes; both calls return at once. */
export interface StepOutput {
  text(piece: string): void;
  /** What was sent for this step so far is void; it starts again. */
  restart(): void;
  /** Another model provider than the usual one answers for this run; told to the user once per run. */
  providerSwitched(provider: string): void;
}

/** What a step may see and do while it runs. */
export interface StepContext {
  runId: string;
  userId: string;
  correlationId: string;
  /** Position in the definition, from 0. */
  index: number;
  scope: TemplateScope;
  /** Aborts when the run leaves this worker; the step ends at once and its result is ignored. */
  signal: AbortSignal;
  /** What an earlier attempt stored with {@link saveState} for the step the run stands at; null: nothing. */
  state: unknown;
  /** Stores what a later attempt needs to go on in mid-step (fenced, durable when it resolves). */
  saveState(state: unknown): Promise<void>;
  output: StepOutput;
  /** Of the step. */
  span: TraceSpan;
  log: Logger;
}

export interface StepResult {
  /** JSON; the next steps and the run's owner read it. */
  output: unknown;
  /** What it cost, kept with the checkpoint. */
  usage?: unknown;
}

/** One kind of step. Rejects with `StepFailure` when the step has failed; any other error is a fault of ours. */
export interface StepExecutor<Kind extends Step> {
  execute(step: Kind, context: StepContext): Promise<StepResult>;
}
