import type { Database } from '../../../db/database.ts';
import type { RedisStore } from '../../../redis/store.ts';
import type { Window } from '../../../redis/windows.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import type { Admission } from '../admission/create-admission.ts';
import { createHistory, type HistoryParts } from '../history/create-history.ts';
import { createIncidents, type IncidentParts } from '../incidents/create-incidents.ts';
import type { DependencyCheck } from './dependency-check.ts';
import { type ModelsView, publicProviders } from './models-view.ts';
import { observeCluster } from './observe-cluster.ts';
import { componentsOf } from './system-status.ts';

export interface CreateStatusDeps {
  redis: Pick<RedisStore, 'windows'>;
  database: Pick<Database, 'incidents' | 'incidentKeeping' | 'samples'>;
  admission: Pick<Admission, 'view'>;
  dependencies: DependencyCheck;
  models: ModelsView;
  ownWindow(): Window | null;
  metrics: Metrics;
  log: Logger;
}

/** What the service says about itself: what is wrong, and how it fared. */
export interface StatusParts extends Omit<HistoryParts, 'sampler'> {
  incidents: IncidentParts;
  services: readonly Service[];
}

export function createStatus(deps: CreateStatusDeps): StatusParts {
  const { admission, dependencies, models } = deps;
  const observe = () => observeCluster({ view: admission.view, dependencies, board: models.board });
  const look = async () => {
    const { state, parts } = await observe();
    return { state, components: componentsOf(state, parts, publicProviders(models)) };
  };
  const incidents = createIncidents({ ...deps, observe });
  const { sampler, history, uptime } = createHistory({ ...deps, look });
  return { incidents, history, uptime, services: [incidents.watch, sampler] };
}
