import { createDatabase } from '../db/database.ts';
import { createRedisStore } from '../redis/store.ts';
import type { Settings } from '../shared/config/load.ts';
import { PACKAGE_VERSION } from '../shared/config/package.ts';
import type { Role } from '../shared/config/schema.ts';
import type { Service } from '../shared/lifecycle/service.ts';
import type { Logger } from '../shared/observability/logger.ts';
import { createMetrics } from '../shared/observability/metrics.ts';
import type { Tracing } from '../shared/observability/tracing/start-tracing.ts';
import type { Limits } from '../shared/protocol/http.ts';
import { Authenticator } from './api/auth/authenticator.ts';
import { createApi } from './api/http/create-api.ts';
import { Realtime } from './api/realtime/realtime.ts';
import { createDispatcher } from './dispatcher/dispatcher.ts';
import { ChangedRuns } from './replica/changed-runs.ts';
import { Heartbeat } from './replica/heartbeat.ts';
import { SchemaUpgrade } from './replica/schema-upgrade.ts';
import { WindowPublisher } from './replica/window-publisher.ts';
import { WindowReader } from './replica/window-reader.ts';
import { createExecutors, createModels } from './worker/create-executors.ts';
import { Worker } from './worker/worker.ts';

/** A replica: its services in starting order, and what a reader of the log wants to know once they run. */
export interface Replica {
  services: readonly Service[];
  describe(): Record<string, unknown>;
  /** Calls it when an administrator wants this replica to end. */
  onDrain(handler: () => void): void;
}

/** Builds every object of the roles asked for, by hand. No logic, nothing started. */
export function compose(settings: Settings, log: Logger, tracing: Tracing | null = null): Replica {
  const replica = settings.WEIR_REPLICA_ID;
  const roles = new Set<Role>(settings.ROLES);
  const metrics = createMetrics();
  metrics.process.build.set({ version: PACKAGE_VERSION, commit: settings.WEIR_COMMIT || 'unknown' }, 1);
  const limits = limitsOf(settings);
  const redis = createRedisStore({
    url: settings.WEIR_REDIS_URL,
    redlockUrls: settings.WEIR_REDLOCK_URLS,
    prefix: settings.WEIR_REDIS_PREFIX,
    log,
  });
  const changedRuns = new ChangedRuns({ marks: redis.runMarks, log });
  const database = createDatabase(settings, metrics, log, { onRunsChanged: changedRuns.tell });
  tracing?.connect({
    tell: (traceId) => redis.channels.tellKeepTrace(traceId),
    onTold: (keep) =>
      redis.channels.onControl((message) => {
        if (message.kind === 'keep_trace') keep(message.traceId);
      }),
  });

  const authenticator = new Authenticator({
    secret: settings.WEIR_JWT_SECRET,
    jwksUrl: settings.WEIR_JWKS_URL,
    issuer: settings.WEIR_JWT_ISSUER,
    audience: settings.WEIR_JWT_AUDIENCE,
  });

  const models = createModels({
    settings,
    replica,
    redis,
    works: roles.has('worker'),
    metrics: metrics.llm,
    log,
  });
  const { board } = models;

  const windows = new WindowPublisher({
    replica,
    windows: redis.windows,
    reader: new WindowReader({ metrics, sockets: (): number => realtime.sockets }),
    log,
  });
  const api = createApi({
    settings,
    version: PACKAGE_VERSION,
    seedLimits: limits,
    redis,
    database,
    authenticator,
    metrics,
    log,
    ownWindow: () => windows.last,
    models: {
      board,
      configured: models.providers.map(({ provider, ...about }) => ({ name: provider.name, ...about })),
    },
  });
  const { view, places } = api.admission;
  const realtime = new Realtime({
    replica,
    authenticator,
    redis,
    runs: database.runs,
    places,
    view,
    activeProvider: () => board.active,
    features: api.features.watch,
    chat: { ...api.chat, messages: database.messages, participants: database.participants },
    metrics,
    log,
  });
  api.server.node.on('upgrade', realtime.upgrade);

  const worker = new Worker({
    id: replica,
    runs: database.runs,
    slots: redis.slots,
    events: redis.events,
    channels: redis.channels,
    executors: createExecutors(settings, models.router),
    metrics: metrics.runs,
    log,
    concurrency: settings.WEIR_WORKER_CONCURRENCY,
    graceSeconds: settings.WEIR_SHUTDOWN_GRACE_SECONDS,
  });
  const dispatcher = createDispatcher({ replica, store: redis, database, defaultLimits: limits, metrics, log });
  const heartbeat = new Heartbeat({
    replica,
    version: PACKAGE_VERSION,
    roles: settings.ROLES,
    cluster: redis.cluster,
    runs: database.runs,
    channels: redis.channels,
    connections: redis.connections,
    load: () => ({ sockets: realtime.sockets, runs: worker.runsInHand }),
    metrics,
    log,
  });

  const having = (role: Role, ...services: Service[]) => (roles.has(role) ? services : []);
  return {
    services: [
      ...(tracing === null ? [] : [closing('tracing', () => tracing.stop())]),
      closing('connections', () => Promise.all([redis.close(), database.close()])),
      changedRuns,
      new SchemaUpgrade({ databaseUrl: settings.WEIR_DATABASE_URL, log }),
      // Stopped late: connections that linger do so while the worker hands on its runs, not before.
      ...(roles.has('api') ? api.services : [api.internalServer]),
      ...having('dispatcher', dispatcher),
      ...(roles.has('worker') || roles.has('api') ? [board] : []),
      ...having('worker', worker),
      ...having('api', realtime),
      heartbeat,
      windows,
      ...having('api', api.door, api.readiness),
    ],
    describe: () => ({
      version: PACKAGE_VERSION,
      ...(roles.has('api') ? { url: api.server.address().url } : {}),
      internal_url: api.internalServer.address().url,
    }),
    onDrain: (handler) =>
      void redis.channels.onControl((message) => {
        if (message.kind === 'drain' && message.replica === replica) handler();
      }),
  };
}

/** What is open from its making on, and closed last. */
function closing(name: string, close: () => Promise<unknown>): Service {
  return { name, start: async () => {}, stop: async () => void (await close()) };
}

/** The limits an empty cluster begins with. */
function limitsOf(settings: Settings): Limits {
  return {
    max_users: settings.WEIR_MAX_USERS,
    max_workflows: settings.WEIR_MAX_WORKFLOWS,
    hard_limit_users: settings.WEIR_HARD_LIMIT_USERS,
    queue_max: settings.WEIR_QUEUE_MAX,
    queue_max_per_user: settings.WEIR_QUEUE_MAX_PER_USER,
    queue_timeout_seconds: settings.WEIR_QUEUE_TIMEOUT_SECONDS,
    drain_per_second: settings.WEIR_DRAIN_PER_SECOND,
  };
}
