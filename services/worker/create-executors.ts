import type { Settings } from '../../shared/config/load.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { OpenAiProvider } from './llm/endpoint/openai-provider.ts';
import { ProviderRouter } from './llm/failover/provider-router.ts';
import { DelayExecutor } from './steps/delay.ts';
import { LlmExecutor } from './steps/llm.ts';
import type { StepExecutors } from './steps/step-executors.ts';
import { WebhookExecutor } from './steps/webhook.ts';
import { HostRules } from './webhook/host-rules.ts';

type ProviderSettings = Pick<
  Settings,
  'WEIR_LLM_PRIMARY_BASE_URL' | 'WEIR_LLM_PRIMARY_API_KEY' | 'WEIR_LLM_PRIMARY_MODEL'
>;

/** The way to the model providers that the settings name. */
export function createProviderRouter(settings: ProviderSettings, metrics: Pick<Metrics, 'llm'>): ProviderRouter {
  const baseUrl = settings.WEIR_LLM_PRIMARY_BASE_URL;
  const primary =
    baseUrl === ''
      ? null
      : new OpenAiProvider({
          name: 'primary',
          baseUrl,
          apiKey: settings.WEIR_LLM_PRIMARY_API_KEY,
          model: settings.WEIR_LLM_PRIMARY_MODEL,
        });
  return new ProviderRouter({ primary, metrics: metrics.llm });
}

/** One executor per step kind, as the settings want them. */
export function createExecutors(
  settings: Pick<Settings, 'WEIR_WEBHOOK_ALLOWED_HOSTS'>,
  router: ProviderRouter,
): StepExecutors {
  return {
    delay: new DelayExecutor(),
    llm: new LlmExecutor(router),
    webhook: new WebhookExecutor({ hosts: new HostRules(settings.WEIR_WEBHOOK_ALLOWED_HOSTS) }),
  };
}
