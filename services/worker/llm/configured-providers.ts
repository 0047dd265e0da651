import type { Settings } from '../../../shared/config/load.ts';
import { OpenAiProvider } from './endpoint/openai-provider.ts';
import type { ProviderLimits } from './failover/call-limits.ts';
import type { ModelProvider } from './provider.ts';
import type { TokenPrice } from './token-price.ts';

/** A provider as the settings describe it. */
export interface ConfiguredProvider {
  role: 'primary' | 'backup';
  provider: ModelProvider;
  limits: ProviderLimits;
  price: TokenPrice;
  /** Host of the base URL, for people. */
  endpoint: string;
  model: string;
  /** null: none. */
  largeModel: string | null;
}

const ROLES = [
  ['primary', 'PRIMARY'],
  ['backup', 'BACKUP'],
] as const;

/** The providers in the order in which they are asked; those without a base URL are none. */
export function configuredProviders(settings: Settings): ConfiguredProvider[] {
  return ROLES.filter(([, part]) => settings[`WEIR_LLM_${part}_BASE_URL`] !== '').map(([role, part]) => {
    const baseUrl = settings[`WEIR_LLM_${part}_BASE_URL`];
    const model = settings[`WEIR_LLM_${part}_MODEL`];
    const largeModel = settings[`WEIR_LLM_${part}_LARGE_MODEL`];
    const provider = new OpenAiProvider({
      name: role,
      baseUrl,
      apiKey: settings[`WEIR_LLM_${part}_API_KEY`],
      apiVersion: settings[`WEIR_LLM_${part}_API_VERSION`],
      model,
      largeModel,
      ignoresStepModel: role === 'backup',
      firstContentMs: settings.WEIR_LLM_FIRST_CONTENT_SECONDS * 1_000,
      stallMs: settings.WEIR_LLM_STALL_SECONDS * 1_000,
    });
    return {
      role,
      provider,
      limits: {
        maxConcurrency: settings[`WEIR_LLM_${part}_MAX_CONCURRENCY`],
        requestsPerMinute: settings[`WEIR_LLM_${part}_REQUESTS_PER_MINUTE`],
      },
      price: {
        input: settings[`WEIR_LLM_${part}_INPUT_USD_PER_MILLION_TOKENS`],
        output: settings[`WEIR_LLM_${part}_OUTPUT_USD_PER_MILLION_TOKENS`],
      },
      endpoint: new URL(baseUrl).host,
      model,
      largeModel: largeModel || null,
    };
  });
}
