import type { Express } from 'express';
import type { Database } from '../../../db/database.ts';
import type { RedisStore } from '../../../redis/store.ts';
import type { Window } from '../../../redis/windows.ts';
import type { Settings } from '../../../shared/config/load.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import type { Limits } from '../../../shared/protocol/http.ts';
import type { Admission } from '../admission/create-admission.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Caches } from '../cache/create-caches.ts';
import type { Chat } from '../chat/create-chat.ts';
import type { Features } from '../features/create-features.ts';
import type { StatusParts } from './create-status.ts';
import type { HttpServer } from './http-server.ts';
import type { ModelsView } from './models-view.ts';
import type { Readiness } from './readiness.ts';
import type { Route } from './route.ts';

export interface ApiDeps {
  settings: Pick<
    Settings,
    | 'WEIR_REPLICA_ID'
    | 'WEIR_HOST'
    | 'WEIR_PORT'
    | 'WEIR_INTERNAL_PORT'
    | 'WEIR_RUN_MAX_ATTEMPTS'
    | 'WEIR_SHUTDOWN_DRAIN_SECONDS'
    | 'WEIR_STATUS_FOLDER'
    | 'WEIR_PUBLIC_URL'
    | 'WEIR_CACHE_WORKFLOW_SECONDS'
    | 'WEIR_CACHE_RUN_SECONDS'
    | 'WEIR_USER_REQUESTS_PER_SECOND'
    | 'WEIR_USER_REQUEST_BURST'
  >;
  version: string;
  /** Limits of the configuration, until the cluster's have been read. */
  seedLimits: Limits;
  redis: Pick<
    RedisStore,
    | 'queue'
    | 'cluster'
    | 'events'
    | 'channels'
    | 'tickets'
    | 'providers'
    | 'features'
    | 'messageRate'
    | 'windows'
    | 'runMarks'
    | 'connections'
    | 'requestRate'
  >;
  database: Pick<
    Database,
    | 'runs'
    | 'workflows'
    | 'settings'
    | 'ping'
    | 'messages'
    | 'participants'
    | 'featureEvents'
    | 'incidents'
    | 'incidentKeeping'
    | 'samples'
  >;
  authenticator: Authenticator;
  metrics: Metrics;
  log: Logger;
  /** Left out: none is configured. */
  models?: ModelsView;
  /** What this replica did in the last slot of the history; left out: nobody knows. */
  ownWindow?: () => Window | null;
}

export interface Api {
  admission: Admission;
  caches: Caches;
  features: Features;
  chat: Chat;
  status: StatusParts;
  /** Every route of the public port. */
  routes: readonly Route[];
  app: Express;
  /** Its `node` is where the WebSocket gateway hangs on. */
  server: HttpServer;
  internalServer: HttpServer;
  /** To be started after everything else and so stopped first: the load balancer looks away before a socket is closed. */
  readiness: Readiness;
  /** To be stopped next: sockets that are told to come back must not find the same replica again. */
  door: Service;
  /** In starting order, without `readiness`. */
  services: readonly Service[];
}
