import type { Database } from '../../../db/database.ts';
import type { ProviderStore } from '../../../redis/provider-store.ts';
import type { Tickets } from '../../../redis/tickets.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Admission } from '../admission/create-admission.ts';
import type { Caches } from '../cache/create-caches.ts';
import type { Chat } from '../chat/create-chat.ts';
import type { Features } from '../features/create-features.ts';
import type { History } from '../history/history.ts';
import type { Uptime } from '../history/uptime.ts';
import type { IncidentParts } from '../incidents/create-incidents.ts';
import type { DrainReplica } from '../replicas/drain-replica.ts';
import type { ModelsView } from './models-view.ts';
import type { Route } from './route.ts';
import { adminCapacityRoutes } from './routes/admin-capacity.ts';
import { adminFeaturesRoutes } from './routes/admin-features.ts';
import { adminProvidersRoutes } from './routes/admin-providers.ts';
import { adminReplicasRoutes } from './routes/admin-replicas.ts';
import { chatRoutes } from './routes/chat.ts';
import { chatParticipantsRoutes } from './routes/chat-participants.ts';
import { documentationRoutes } from './routes/documentation.ts';
import { type HealthDeps, healthRoutes } from './routes/health.ts';
import { historyRoutes } from './routes/history.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { queueRoute } from './routes/queue.ts';
import { rootRoute } from './routes/root.ts';
import { runRoutes } from './routes/runs.ts';
import { type StatusDeps, statusRoutes } from './routes/status.ts';
import { triggerRoute } from './routes/trigger.ts';
import { workflowRoutes } from './routes/workflows.ts';
import { wsTicketRoute } from './routes/ws-ticket.ts';

export interface PublicRoutesDeps extends HealthDeps, StatusDeps {
  admission: Omit<Admission, 'services'>;
  caches: Caches;
  features: Features;
  chat: Chat;
  incidents: IncidentParts;
  history: History;
  uptime: Uptime;
  drainReplica: DrainReplica;
  database: Pick<Database, 'runs' | 'workflows' | 'messages' | 'participants' | 'incidents'>;
  tickets: Pick<Tickets, 'issue'>;
  models: ModelsView;
  providerStore: Pick<ProviderStore, 'force' | 'recentFailures'>;
  log: Logger;
}

/** Every route of the public port, the hottest first. Building them touches nothing of what they will call. */
export function publicRoutes(deps: PublicRoutesDeps): Route[] {
  const { admission, caches, chat, database, version, log } = deps;
  const routes = [
    triggerRoute({ submit: admission.submit, workflows: caches.workflows, log }),
    ...runRoutes({ ...admission, ...chat, runs: database.runs, cache: caches.runs }),
    ...chatRoutes({ ...chat, messages: database.messages, participants: database.participants }),
    ...chatParticipantsRoutes(chat),
    ...workflowRoutes({ workflows: database.workflows, cache: caches.workflows }),
    queueRoute(admission),
    wsTicketRoute(deps),
    ...adminCapacityRoutes(admission),
    ...adminFeaturesRoutes(deps),
    ...adminProvidersRoutes(deps),
    ...adminReplicasRoutes({ ...admission, drainReplica: deps.drainReplica }),
    ...incidentRoutes({ ...deps, stored: database.incidents }),
    ...historyRoutes(deps),
    ...statusRoutes(deps),
    ...healthRoutes(deps),
    rootRoute({ version }),
  ];
  return [...routes, ...documentationRoutes(routes, version)];
}
