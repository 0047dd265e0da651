import type { Step } from '../../../shared/workflow/definition.ts';
import { renderTemplate } from '../../../shared/workflow/template.ts';
import type { ProviderRouter } from '../llm/failover/provider-router.ts';
import { MODEL_FAILURES, ModelFailure } from '../llm/model-failure.ts';
import type { ModelRequest } from '../llm/provider.ts';
import { Deadline } from './deadline.ts';
import type { StepContext, StepExecutor, StepResult } from './step-executor.ts';
import { StepFailure } from './step-failure.ts';

type LlmStep = Extract<Step, { type: 'llm' }>;

/** The step's time, all tries together, when it names none (s): twice as long as a provider's breaker stays open. */
const DEFAULT_TIMEOUT_SECONDS = 120;

/** Asks the model; output: the whole text. What it cost and who answered is the usage. */
export class LlmExecutor implements StepExecutor<LlmStep> {
  constructor(private readonly router: ProviderRouter) {}

  async execute(step: LlmStep, context: StepContext): Promise<StepResult> {
    const seconds = step.config.timeout_seconds ?? DEFAULT_TIMEOUT_SECONDS;
    const deadline = new Deadline(seconds * 1_000, context.signal);
    try {
      const answer = await this.router.complete(modelRequest(step, context), {
        deadline,
        userId: context.userId,
        onText: (text) => context.output.text(text),
        onRestart: () => context.output.restart(),
        onSwitched: (provider) => context.output.providerSwitched(provider),
        log: context.log,
      });
      return {
        output: answer.text,
        usage: {
          provider: answer.provider,
          model: answer.model,
          finish_reason: answer.finishReason,
          input_tokens: answer.usage?.inputTokens ?? null,
          output_tokens: answer.usage?.outputTokens ?? null,
          ...(answer.costUsd === null ? {} : { cost_usd: answer.costUsd }),
        },
      };
    } catch (error) {
      if (error instanceof ModelFailure) throw stepFailure(error);
      if (deadline.expired)
        throw new StepFailure('llm_timeout', `The model did not finish within ${seconds} s.`, { cause: error });
      throw error;
    } finally {
      deadline.clear();
    }
  }
}

function modelRequest({ config }: LlmStep, { scope, correlationId, span }: StepContext): ModelRequest {
  return {
    prompt: renderTemplate(config.prompt, scope),
    correlationId,
    span,
    ...(config.system === undefined ? {} : { system: renderTemplate(config.system, scope) }),
    ...(config.model === undefined ? {} : { model: config.model }),
    ...(config.max_tokens === undefined ? {} : { maxTokens: config.max_tokens }),
    ...(config.temperature === undefined ? {} : { temperature: config.temperature }),
  };
}

function stepFailure(failure: ModelFailure): StepFailure {
  const { code, reason } = MODEL_FAILURES[failure.kind];
  return new StepFailure(code, failure.detail === undefined ? reason : `${reason} It says: ${failure.detail}`, {
    cause: failure,
  });
}
