import type { RedisStore } from '../../redis/store.ts';
import type { Settings } from '../../shared/config/load.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { type ConfiguredProvider, configuredProviders } from './llm/configured-providers.ts';
import { CallLimits } from './llm/failover/call-limits.ts';
import { CallMetrics, prepareCalls } from './llm/failover/call-metrics.ts';
import { ProviderRouter } from './llm/failover/provider-router.ts';
import { RetryBudget } from './llm/failover/retry-budget.ts';
import { ClusterProviderBoard } from './llm/health/cluster-provider-board.ts';
import { DelayExecutor } from './steps/delay.ts';
import { LlmExecutor } from './steps/llm.ts';
import type { StepExecutors } from './steps/step-executors.ts';
import { WebhookExecutor } from './steps/webhook.ts';
import { HostRules } from './webhook/host-rules.ts';

/** A probe may take as long as the first token of a call, and this much for the rest (ms). */
const PROBE_REST_MS = 5_000;

export interface ModelsDeps {
  settings: Settings;
  replica: string;
  redis: Pick<RedisStore, 'providers' | 'channels' | 'events'>;
  /** False: this process makes no calls, and only watches how the providers stand. */
  works: boolean;
  metrics: Metrics['llm'];
  log: Logger;
}

/** The model providers that the settings name, and how they are asked. */
export interface Models {
  providers: readonly ConfiguredProvider[];
  board: ClusterProviderBoard;
  router: ProviderRouter;
}

export function createModels({ settings, replica, redis, works, metrics, log }: ModelsDeps): Models {
  const providers = configuredProviders(settings);
  const { providers: store, channels, events } = redis;
  if (works)
    prepareCalls(
      metrics,
      providers.map(({ provider }) => provider.name),
    );
  const board = new ClusterProviderBoard({
    replica,
    providers,
    store,
    channels,
    events,
    openMs: settings.WEIR_LLM_OPEN_SECONDS * 1_000,
    probeTimeoutMs: settings.WEIR_LLM_FIRST_CONTENT_SECONDS * 1_000 + PROBE_REST_MS,
    probes: works,
    metrics,
    log,
  });
  const routed = providers.map(({ provider, limits, price }) => {
    return [provider.name, { provider, price, limits: new CallLimits(provider.name, limits, store) }] as const;
  });
  const router = new ProviderRouter({
    board,
    providers: new Map(routed),
    budget: new RetryBudget({ replica, store }),
    metrics: new CallMetrics(metrics),
    // A courtesy: without Redis the user is not told that the usual provider is back.
    switched: (userId) => void store.noteSwitched(userId).catch(() => undefined),
  });
  return { providers, board, router };
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
