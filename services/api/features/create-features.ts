import type { FeatureEvents } from '../../../db/repositories/feature-events.ts';
import type { RedisStore } from '../../../redis/store.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { ChangeFeatures } from './change-features.ts';
import { FeatureAudit } from './feature-audit.ts';
import { FeatureWatch } from './feature-watch.ts';

export interface FeaturesDeps {
  redis: Pick<RedisStore, 'features' | 'channels'>;
  events: FeatureEvents;
  metrics: Pick<Metrics, 'chat'>;
  log: Logger;
}

/** Which comforts are on: known, changed, recorded. */
export interface Features {
  watch: FeatureWatch;
  change: ChangeFeatures;
  events: Pick<FeatureEvents, 'list'>;
}

export function createFeatures({ redis, events, metrics, log }: FeaturesDeps): Features {
  const store = redis.features;
  const audit = new FeatureAudit({ store, events, log });
  const onLogged = () => void audit.flush();
  const watch = new FeatureWatch({ store, channels: redis.channels, onLogged, metrics, log });
  return { watch, change: new ChangeFeatures({ store, watch, audit, log }), events };
}
