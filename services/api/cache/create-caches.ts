import type { Database } from '../../../db/database.ts';
import type { RedisStore } from '../../../redis/store.ts';
import type { Settings } from '../../../shared/config/load.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { RunCache } from './run-cache.ts';
import { WorkflowCache } from './workflow-cache.ts';

export interface CachesDeps {
  settings: Pick<Settings, 'WEIR_CACHE_WORKFLOW_SECONDS' | 'WEIR_CACHE_RUN_SECONDS'>;
  redis: Pick<RedisStore, 'runMarks' | 'connections'>;
  database: Pick<Database, 'runs' | 'workflows'>;
  metrics: Pick<Metrics, 'cache'>;
  log: Logger;
}

/** What an api remembers of what it has read. */
export interface Caches {
  workflows: WorkflowCache;
  runs: RunCache;
}

export function createCaches({ settings, redis, database, metrics, log }: CachesDeps): Caches {
  const { runs, workflows } = database;
  return {
    workflows: new WorkflowCache({
      workflows,
      metrics: metrics.cache,
      seconds: settings.WEIR_CACHE_WORKFLOW_SECONDS,
    }),
    runs: new RunCache({
      runs,
      marks: redis.runMarks,
      connections: redis.connections,
      metrics: metrics.cache,
      log,
      seconds: settings.WEIR_CACHE_RUN_SECONDS,
    }),
  };
}
