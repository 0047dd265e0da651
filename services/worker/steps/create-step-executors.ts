import type { Settings } from '../../../shared/config/load.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { OpenAiProvider } from '../llm/openai-provider.ts';
import { ProviderRouter } from '../llm/provider-router.ts';
import { HostRules } from '../webhook/host-rules.ts';
import { DelayExecutor } from './delay.ts';
import { LlmExecutor } from './llm.ts';
import type { StepExecutors } from './step-executors.ts';
import { WebhookExecutor } from './webhook.ts';

type StepSettings = Pick<
  Settings,
  'WEIR_LLM_PRIMARY_BASE_URL' | 'WEIR_LLM_PRIMARY_API_KEY' | 'WEIR_LLM_PRIMARY_MODEL' | 'WEIR_WEBHOOK_ALLOWED_HOSTS'
>;

/** The executor of every kind, as the settings say. Throws for a list of webhook hosts that is not valid. */
export function createStepExecutors(settings: StepSettings, metrics: Metrics['llm']): StepExecutors {
  return {
    delay: new DelayExecutor(),
    llm: new LlmExecutor(new ProviderRouter({ primary: primaryProvider(settings), metrics })),
    webhook: new WebhookExecutor({ hosts: new HostRules(settings.WEIR_WEBHOOK_ALLOWED_HOSTS) }),
  };
}

function primaryProvider(settings: StepSettings): OpenAiProvider | null {
  const baseUrl = settings.WEIR_LLM_PRIMARY_BASE_URL;
  if (baseUrl === '') return null;
  return new OpenAiProvider({
    name: 'primary',
    baseUrl,
    apiKey: settings.WEIR_LLM_PRIMARY_API_KEY,
    model: settings.WEIR_LLM_PRIMARY_MODEL,
  });
}
