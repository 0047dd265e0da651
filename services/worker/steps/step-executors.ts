import type { Step, StepKind } from '../../../shared/workflow/definition.ts';
import { TemplateError } from '../../../shared/workflow/template.ts';
import type { StepContext, StepExecutor, StepResult } from './step-executor.ts';
import { StepFailure } from './step-failure.ts';

/** One executor per kind; a new kind is a file beside this one and an entry in the schema of definitions. */
export type StepExecutors = { [Kind in StepKind]: StepExecutor<Extract<Step, { type: Kind }>> };

/** Runs a step with the executor of its kind. Rejects with `StepFailure` when the step has failed. */
export async function executeStep(executors: StepExecutors, step: Step, context: StepContext): Promise<StepResult> {
  try {
    switch (step.type) {
      case 'delay':
        return await executors.delay.execute(step, context);
      case 'llm':
        return await executors.llm.execute(step, context);
      case 'webhook':
        return await executors.webhook.execute(step, context);
    }
  } catch (error) {
    if (error instanceof TemplateError) throw new StepFailure('template_invalid', error.message, { cause: error });
    throw error;
  }
}
