import type { Express } from 'express';
import type { Database } from '../../../db/database.ts';
import type { RedisStore } from '../../../redis/store.ts';
import type { Window } from '../../../redis/windows.ts';
import type { Settings } from '../../../shared/config/load.ts';
import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import type { Limits } from '../../../shared/protocol/http.ts';
import { type Admission, createAdmission } from '../admission/create-admission.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { type Caches, createCaches } from '../cache/create-caches.ts';
import { type Chat, createChat } from '../chat/create-chat.ts';
import { createFeatures, type Features } from '../features/create-features.ts';
import { DrainReplica } from '../replicas/drain-replica.ts';
import { createApp } from './app.ts';
import { consoleFiles } from './console-files.ts';
import { createStatus, type StatusParts } from './create-status.ts';
import { DependencyCheck } from './dependency-check.ts';
import { HttpServer } from './http-server.ts';
import { messageClasses } from './message-classes.ts';
import type { ModelsView } from './models-view.ts';
import { publicRoutes } from './public-routes.ts';
import { Readiness } from './readiness.ts';
import { UNMATCHED } from './request-context.ts';
import type { Route } from './route.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoute } from './routes/metrics.ts';
import { UserRate } from './user-rate.ts';

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

/** Longer than the 2 s for which Nginx keeps idle connections to a replica (nginx/templates/replicas.conf.template). */
export const LINGER_MS = 3_000;

const NO_MODELS: ModelsView = {
  board: { active: null, activeSince: null, forced: null, standings: () => [], onChange: () => () => {} },
  configured: [],
};

/** Builds the HTTP door of a replica with the use cases behind it. Starts nothing. */
export function createApi(deps: ApiDeps): Api {
  const { settings, version, log, metrics, database, redis } = deps;
  const replica = settings.WEIR_REPLICA_ID;
  const readiness = new Readiness(settings.WEIR_SHUTDOWN_DRAIN_SECONDS);
  const admission = createAdmission({ ...deps, maxAttempts: settings.WEIR_RUN_MAX_ATTEMPTS });
  const caches = createCaches(deps);
  const features = createFeatures({ redis, events: database.featureEvents, metrics, log });
  const chat = createChat({ redis, database, metrics, log });
  const dependencies = new DependencyCheck({ database, view: admission.view });
  const { models = NO_MODELS } = deps;
  const status = createStatus({
    ...deps,
    admission,
    features,
    dependencies,
    models,
    ownWindow: deps.ownWindow ?? (() => null),
  });

  const healthDeps = { replica, version, readiness, dependencies };
  const routes = publicRoutes({
    ...healthDeps,
    admission,
    caches,
    features,
    chat,
    database,
    tickets: redis.tickets,
    log,
    models,
    providerStore: redis.providers,
    ...status,
    drainReplica: new DrainReplica({ view: admission.view, channels: redis.channels, log }),
  });
  const common = { replica, log, metrics, authenticator: deps.authenticator };
  const userRate = new UserRate({
    requestRate: redis.requestRate,
    pace: { perSecond: settings.WEIR_USER_REQUESTS_PER_SECOND, burst: settings.WEIR_USER_REQUEST_BURST },
    metrics,
    log,
  });
  const app = createApp({
    ...common,
    userRate,
    routes,
    console: consoleFiles(),
    isLastAnswer: () => server.isDoorClosed,
  });
  const internalApp = createApp({ ...common, routes: [metricsRoute({ metrics }), ...healthRoutes(healthDeps)] });

  const onBroken = (code: ErrorCode) => metrics.http.problems.inc({ code, route: UNMATCHED });
  const host = settings.WEIR_HOST;
  const server = new HttpServer({
    name: 'http',
    host,
    port: settings.WEIR_PORT,
    listener: app,
    messages: messageClasses(app),
    beforeClose: () => readiness.stop(),
    lingerMs: LINGER_MS,
    onBroken,
  });
  const internalServer = new HttpServer({
    name: 'internal http',
    host,
    port: settings.WEIR_INTERNAL_PORT,
    listener: internalApp,
    onBroken,
  });
  return {
    admission,
    caches,
    features,
    chat,
    status,
    routes,
    app,
    server,
    internalServer,
    readiness,
    door: { name: 'door', start: async () => {}, stop: () => server.closeDoor() },
    services: [
      ...admission.services,
      caches.runs,
      features.watch,
      chat.delivery,
      ...status.services,
      userRate,
      internalServer,
      server,
    ],
  };
}
