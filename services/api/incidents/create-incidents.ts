import type { Database } from '../../../db/database.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { ChangeIncidents } from './change-incidents.ts';
import type { Observation } from './conditions.ts';
import { IncidentView } from './incident-view.ts';
import { IncidentWatch } from './incident-watch.ts';

export interface IncidentsDeps {
  database: Pick<Database, 'incidents' | 'incidentKeeping'>;
  observe(): Promise<Observation>;
  metrics: Metrics;
  log: Logger;
}

/** Incidents: what people do with them, what happens to them by itself, and what everybody sees. */
export interface IncidentParts {
  view: IncidentView;
  watch: IncidentWatch;
  change: ChangeIncidents;
}

export function createIncidents({ database, observe, metrics, log }: IncidentsDeps): IncidentParts {
  const { incidents, incidentKeeping: keeping } = database;
  const watch = new IncidentWatch({ observe, incidents, keeping, metrics: metrics.capacity, log });
  const view = new IncidentView({ incidents, unstored: () => watch.unstored });
  return { watch, view, change: new ChangeIncidents({ incidents, log }) };
}
