import type { Database } from '../../../db/database.ts';
import type { RedisStore } from '../../../redis/store.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import type { Limits } from '../../../shared/protocol/http.ts';
import { AdmitBatch } from './admit-batch.ts';
import { CancelRun } from './cancel.ts';
import { CapacityView } from './capacity-view.ts';
import { ChangePriority } from './change-priority.ts';
import { ChangeLimits } from './limits.ts';
import { LimitsWatch } from './limits-watch.ts';
import { Placement } from './placement.ts';
import { QueueListing } from './queue-listing.ts';
import { QueuePlaces } from './queue-places.ts';
import { RefusalHints } from './refusal-hints.ts';
import { RetryRun } from './retry.ts';
import { SettledReplay } from './settled-replay.ts';
import { Submit } from './submit.ts';
import { Withdrawals } from './withdrawals.ts';

export interface AdmissionDeps {
  redis: Pick<RedisStore, 'queue' | 'cluster' | 'events' | 'channels'>;
  database: Pick<Database, 'runs' | 'settings'>;
  metrics: Pick<Metrics, 'admission' | 'runs'>;
  log: Logger;
  /** Limits of the configuration, until the cluster's have been read. */
  seedLimits: Limits;
  /** Workers a run may lose. */
  maxAttempts: number;
}

/** The use cases behind the door. */
export interface Admission {
  submit: Submit;
  cancelRun: CancelRun;
  changePriority: ChangePriority;
  retryRun: RetryRun;
  changeLimits: ChangeLimits;
  view: CapacityView;
  places: QueuePlaces;
  listing: QueueListing;
  /** In starting order. */
  services: readonly Service[];
}

export function createAdmission(deps: AdmissionDeps): Admission {
  const { log, metrics, maxAttempts } = deps;
  const { runs, settings } = deps.database;
  const { queue, cluster, events, channels } = deps.redis;
  const hints = new RefusalHints();
  const view = new CapacityView(cluster, deps.seedLimits);
  const places = new QueuePlaces({ queue, view });
  const placement = new Placement({ runs, queue, events, view, log });
  const withdrawals = new Withdrawals({ runs, log });
  const batch = new AdmitBatch({ runs, placement, withdrawals, view, log, maxAttempts });
  const settled = new SettledReplay({ runs, queue, cluster, placement });
  return {
    submit: new Submit({ batch, placement, settled, places, hints, view, metrics }),
    cancelRun: new CancelRun({ runs, queue, events, placement, hints, metrics: metrics.runs, log }),
    changePriority: new ChangePriority({ runs, queue, log }),
    retryRun: new RetryRun({ runs, placement, view, maxAttempts }),
    changeLimits: new ChangeLimits({ settings, cluster, view, hints, log }),
    view,
    places,
    listing: new QueueListing({ runs, queue, places, view }),
    services: [new LimitsWatch({ channels, view, hints }), placement, withdrawals],
  };
}
