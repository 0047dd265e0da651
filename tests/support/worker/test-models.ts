import type { RedisStore } from '../../../redis/store.ts';
import { createModels, type Models } from '../../../services/worker/create-executors.ts';
import { loadSettings } from '../../../shared/config/load.ts';
import { createMetrics, type Metrics } from '../../../shared/observability/metrics.ts';
import { recordedLog } from '../recorded-log.ts';

export interface TestModels extends Models {
  metrics: Metrics;
}

/** The model providers of one replica as a process has them, from `WEIR_LLM_*` settings. The caller starts and stops the board. */
export function testModels(
  redis: Pick<RedisStore, 'providers' | 'channels' | 'events'>,
  settings: Record<string, string>,
  { replica = 'r1', log = recordedLog() } = {},
): TestModels {
  const metrics = createMetrics();
  const models = createModels({
    settings: loadSettings({ ROLES: 'worker', ...settings }),
    replica,
    redis,
    works: true,
    metrics: metrics.llm,
    log,
  });
  return { ...models, metrics };
}
