import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import { createAdmission } from '../admission/create-admission.ts';
import { createCaches } from '../cache/create-caches.ts';
import { createChat } from '../chat/create-chat.ts';
import { createFeatures } from '../features/create-features.ts';
import { DrainReplica } from '../replicas/drain-replica.ts';
import type { Api, ApiDeps } from './api.ts';
import { createApp } from './app.ts';
import { consoleFiles } from './console-files.ts';
import { createStatus } from './create-status.ts';
import { DependencyCheck } from './dependency-check.ts';
import { HttpServer } from './http-server.ts';
import { messageClasses } from './message-classes.ts';
import type { ModelsView } from './models-view.ts';
import { publicRoutes } from './public-routes.ts';
import { Readiness } from './readiness.ts';
import { UNMATCHED } from './request-context.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoute } from './routes/metrics.ts';
import { UserRate } from './user-rate.ts';

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
