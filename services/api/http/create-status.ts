import type { Database } from '../../../db/database.ts';
import type { RedisStore } from '../../../redis/store.ts';
import type { Window } from '../../../redis/windows.ts';
import type { Settings } from '../../../shared/config/load.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import type { Admission } from '../admission/create-admission.ts';
import type { Features } from '../features/create-features.ts';
import { createHistory, type HistoryParts } from '../history/create-history.ts';
import { createIncidents, type IncidentParts } from '../incidents/create-incidents.ts';
import type { DependencyCheck } from './dependency-check.ts';
import { type ModelsView, publicProviders } from './models-view.ts';
import { observeCluster } from './observe-cluster.ts';
import { StatusSnapshot } from './status-page/snapshot.ts';
import { StatusBoard } from './status-page/status-board.ts';
import { componentsOf } from './system-status.ts';

export interface CreateStatusDeps {
  redis: Pick<RedisStore, 'windows'>;
  database: Pick<Database, 'incidents' | 'incidentKeeping' | 'samples'>;
  admission: Pick<Admission, 'view'>;
  features: Pick<Features, 'watch'>;
  dependencies: DependencyCheck;
  models: ModelsView;
  ownWindow(): Window | null;
  settings: Pick<Settings, 'WEIR_STATUS_FOLDER' | 'WEIR_PUBLIC_URL'>;
  metrics: Metrics;
  log: Logger;
}

/** What the service says about itself: what is wrong, and how it fared. */
export interface StatusParts extends Omit<HistoryParts, 'sampler'> {
  incidents: IncidentParts;
  board: StatusBoard;
  publicUrl: string;
  services: readonly Service[];
}

export function createStatus(deps: CreateStatusDeps): StatusParts {
  const { admission, dependencies, features, models } = deps;
  const observe = () => observeCluster({ view: admission.view, dependencies, board: models.board });
  const look = async () => {
    const { state, parts } = await observe();
    return { state, components: componentsOf(state, parts, publicProviders(models)) };
  };
  const incidents = createIncidents({ ...deps, observe });
  const { sampler, history, uptime } = createHistory({ ...deps, look });
  const board = new StatusBoard({
    view: admission.view,
    dependencies,
    providers: () => publicProviders(models),
    features,
    incidents,
    stored: deps.database.incidents,
    uptime,
  });
  const publicUrl = deps.settings.WEIR_PUBLIC_URL.replace(/\/+$/, '');
  const snapshot = new StatusSnapshot({ board, folder: deps.settings.WEIR_STATUS_FOLDER, publicUrl, log: deps.log });
  return { incidents, history, uptime, board, publicUrl, services: [incidents.watch, sampler, snapshot] };
}
