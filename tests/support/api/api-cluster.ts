import { SignJWT } from 'jose';
import { createDatabase, type Database } from '../../../db/database.ts';
import { TEST_LIMITS } from '../../../redis/clocked-store.ts';
import { createRedisStore, type RedisStore } from '../../../redis/store.ts';
import { Authenticator } from '../../../services/api/auth/authenticator.ts';
import type { Api } from '../../../services/api/http/api.ts';
import { createApi } from '../../../services/api/http/create-api.ts';
import type { ModelsView } from '../../../services/api/http/models-view.ts';
import { ChangedRuns } from '../../../services/replica/changed-runs.ts';
import { createMetrics, type Metrics } from '../../../shared/observability/metrics.ts';
import type { Limits } from '../../../shared/protocol/http.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';
import { recordedLog } from '../recorded-log.ts';
import { testRedis } from '../redis.ts';
import { type HttpClient, httpClient } from './http-client.ts';

const SECRET = 'only-for-tests-only-for-tests-only';
const AUDIENCE = { issuer: 'weir', audience: 'weir' };

/** One api replica on a port of its own. */
export interface ApiReplica {
  api: Api;
  redis: RedisStore;
  database: Database;
  metrics: Metrics;
  log: ReturnType<typeof recordedLog>;
  url: string;
  internalUrl: string;
  http: HttpClient;
  stop(): Promise<void>;
}

/** Several api replicas on one Postgres and one Redis; no worker and no leader, so that runs stay where admission puts them. */
export interface ApiCluster {
  databaseUrl: string;
  redis: RedisStore;
  addReplica(parts?: { models?: ModelsView }): Promise<ApiReplica>;
  close(): Promise<void>;
}

export interface ApiClusterOptions {
  limits?: Partial<Limits>;
  /** Servers of the caller's own, to be stopped and started. */
  redisUrl?: string;
  databaseUrl?: string;
  drainSeconds?: number;
  /** Of requests of one user; default: no limit. */
  pace?: { perSecond: number; burst: number };
}

export async function apiCluster(options: ApiClusterOptions = {}): Promise<ApiCluster> {
  const limits = { ...TEST_LIMITS, ...options.limits };
  const database: TestDatabase =
    options.databaseUrl === undefined
      ? await testDatabase({ migrated: true })
      : { url: options.databaseUrl, close: async () => {} };
  const keys =
    options.redisUrl === undefined
      ? await testRedis()
      : { url: options.redisUrl, prefix: 'test:api', close: async () => {} };
  const redis = createRedisStore({ ...keys, log: recordedLog() });
  await buildState(redis, limits);
  const replicas: ApiReplica[] = [];
  return {
    databaseUrl: database.url,
    redis,
    async addReplica({ models } = {}) {
      const replica = await startReplica(
        `api-${replicas.length + 1}`,
        keys,
        database.url,
        limits,
        options.drainSeconds ?? 0,
        models,
        options.pace,
      );
      replicas.push(replica);
      return replica;
    },
    async close() {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await redis.close();
      await Promise.all([database.close(), keys.close()]);
    },
  };
}

/** What the leader does when it finds no state. */
export async function buildState(redis: RedisStore, limits: Limits, epoch = 1): Promise<void> {
  await redis.rebuild.begin(epoch);
  await redis.rebuild.finish(epoch, { generation: `test-${epoch}`, maxGrantNo: 0, limits });
}

export async function token(userId: string, role: 'user' | 'admin' = 'user'): Promise<string> {
  return await new SignJWT({ role })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuer(AUDIENCE.issuer)
    .setAudience(AUDIENCE.audience)
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET));
}

async function startReplica(
  id: string,
  keys: { url: string; prefix: string },
  databaseUrl: string,
  seedLimits: Limits,
  drainSeconds: number,
  models: ModelsView | undefined,
  pace = { perSecond: 0, burst: 1 },
): Promise<ApiReplica> {
  const log = recordedLog();
  const metrics = createMetrics();
  const redis = createRedisStore({ ...keys, log });
  const changedRuns = new ChangedRuns({ marks: redis.runMarks, log });
  const storage = { WEIR_DATABASE_URL: databaseUrl, WEIR_DATABASE_POOL_SIZE: 4 };
  const database = createDatabase(storage, metrics, log, { onRunsChanged: changedRuns.tell });
  const api = createApi({
    ...(models === undefined ? {} : { models }),
    settings: {
      WEIR_REPLICA_ID: id,
      WEIR_HOST: '127.0.0.1',
      WEIR_PORT: 0,
      WEIR_INTERNAL_PORT: 0,
      WEIR_RUN_MAX_ATTEMPTS: 3,
      WEIR_SHUTDOWN_DRAIN_SECONDS: drainSeconds,
      WEIR_STATUS_FOLDER: '',
      WEIR_PUBLIC_URL: '',
      WEIR_CACHE_WORKFLOW_SECONDS: 60,
      WEIR_CACHE_RUN_SECONDS: 10,
      WEIR_USER_REQUESTS_PER_SECOND: pace.perSecond,
      WEIR_USER_REQUEST_BURST: pace.burst,
    },
    version: '0.0.0-test',
    seedLimits,
    redis,
    database,
    authenticator: new Authenticator({ secret: SECRET, jwksUrl: '', ...AUDIENCE }),
    metrics,
    log,
  });
  for (const service of api.services) await service.start();
  const { url } = api.server.address();
  return {
    api,
    redis,
    database,
    metrics,
    log,
    url,
    internalUrl: api.internalServer.address().url,
    http: httpClient(url),
    async stop() {
      for (const service of [...api.services].reverse()) await service.stop();
      await changedRuns.stop();
      await Promise.all([redis.close(), database.close()]);
    },
  };
}
