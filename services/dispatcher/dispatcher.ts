import type { Database } from '../../db/database.ts';
import type { RedisStore } from '../../redis/store.ts';
import type { Service } from '../../shared/lifecycle/service.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Limits } from '../../shared/protocol/http.ts';
import { Drain } from './drain.ts';
import { Election } from './election.ts';
import { EstimatePublisher } from './estimate-publisher.ts';
import { Leader } from './leader.ts';
import { Places } from './places.ts';
import { QueueTimeout } from './queue-timeout.ts';
import { Rebuild } from './rebuild.ts';
import { Reconcile } from './reconcile.ts';
import { Rescue } from './rescue.ts';
import { Retelling } from './retelling.ts';
import { SlotAudit } from './slot-audit.ts';

export interface DispatcherDeps {
  /** Name of this process. */
  replica: string;
  store: Pick<RedisStore, 'lock' | 'cluster' | 'channels' | 'queue' | 'slots' | 'rebuild' | 'events'>;
  database: Pick<Database, 'runs' | 'settings' | 'epochs'>;
  /** Hold for limits that no administrator has set. */
  defaultLimits: Limits;
  metrics: Metrics;
  log: Logger;
}

/** The role `dispatcher`: a candidate for leadership, and what the leader does. */
export function createDispatcher({
  replica,
  store,
  database,
  defaultLimits,
  metrics,
  log: parent,
}: DispatcherDeps): Service {
  const log = parent.child({ role: 'dispatcher' });
  const { lock, cluster, channels, queue, slots, events } = store;
  const { runs, settings, epochs } = database;
  const queueTimeout = new QueueTimeout({ runs, events, metrics: metrics.runs, log });
  const retelling = new Retelling({ runs, events });
  const places = new Places({ runs, queue, events, log });
  const slotAudit = new SlotAudit({ runs, queue, cluster, metrics: metrics.capacity, log });
  const leader = new Leader({
    drain: new Drain({ queue, queueTimeout, log }),
    rescue: new Rescue({ slots, metrics: metrics.runs, log }),
    reconcile: new Reconcile({
      rebuild: store.rebuild,
      runs,
      queue,
      cluster,
      queueTimeout,
      places,
      retelling,
      slotAudit,
      log,
    }),
    rebuild: new Rebuild({ scripts: store.rebuild, runs, settings, defaultLimits, log }),
    estimates: new EstimatePublisher({ cluster, queue }),
    cluster,
    channels,
    log,
  });
  const lead: Leader['lead'] = (term) => leader.lead(term);
  return new Election({ replica, lock, epochs, cluster, channels, lead, metrics: metrics.capacity, log });
}
