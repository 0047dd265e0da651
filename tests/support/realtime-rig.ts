import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import WebSocket, { type ClientOptions } from 'ws';
import type { Database } from '../../db/database.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { createRedisStore, type RedisStore } from '../../redis/store.ts';
import { CapacityView } from '../../services/api/admission/capacity-view.ts';
import { QueuePlaces } from '../../services/api/admission/queue-places.ts';
import { Authenticator } from '../../services/api/auth/authenticator.ts';
import { type Chat, createChat } from '../../services/api/chat/create-chat.ts';
import { createFeatures, type Features } from '../../services/api/features/create-features.ts';
import { Realtime } from '../../services/api/realtime/realtime.ts';
import type { RealtimeDeps } from '../../services/api/realtime/realtime-deps.ts';
import type { SocketLimits } from '../../services/api/realtime/socket-limits.ts';
import { createMetrics, type Metrics } from '../../shared/observability/metrics.ts';
import type { Limits } from '../../shared/protocol/http.ts';
import { forgedToken, inSeconds } from './api/forged-token.ts';
import { openDatabase } from './db/open-database.ts';
import { newRun } from './new-run.ts';
import { testDatabase } from './postgres.ts';
import { recordedLog } from './recorded-log.ts';
import { testRedis } from './redis.ts';
import { startRun } from './start-run.ts';
import { TestSocket } from './test-socket.ts';

const SECRET = 'only for tests, but with at least 32 characters';

export const RIG_LIMITS: Limits = {
  max_users: 1_000,
  max_workflows: 10,
  hard_limit_users: 0,
  queue_max: 1_000,
  queue_max_per_user: 20,
  queue_timeout_seconds: 300,
  drain_per_second: 10,
};

/** A gateway of its own, with its own connections to Redis, as another replica would have. */
export interface RigGateway {
  realtime: Realtime;
  store: RedisStore;
  metrics: Metrics;
  features: Features;
  chat: Chat;
  log: ReturnType<typeof recordedLog>;
  /** `http://127.0.0.1:<port>` */
  baseUrl: string;
  stop(): Promise<void>;
}

export interface GatewayOptions {
  limits?: Partial<SocketLimits>;
  /** Puts something between the gateway and Redis, to make a moment last or something happen in it. */
  between?: (store: RedisStore) => RealtimeDeps['redis'];
}

export interface Rig {
  /** Of all keys and channels. */
  prefix: string;
  database: Database;
  /** For publishing, as a worker would. */
  store: RedisStore;
  token(userId: string, claims?: Record<string, unknown>): string;
  /** A user whom nobody else is. */
  newUser(): string;
  gateway(options?: GatewayOptions): Promise<RigGateway>;
  /** Opens a socket with the user's token; frames are collected from the first on. */
  connect(gateway: RigGateway, userId: string, options?: { query?: string; client?: ClientOptions }): TestSocket;
  /** Stores a run and puts it into the queue, or gives it a slot, as a start does; no event is published. */
  startRun(userId: string): Promise<{ id: string; queued: boolean }>;
  /** Users that count against the limit now. */
  usersCounted(): Promise<number>;
  close(): Promise<void>;
}

/** `redisUrl`, `postgresUrl`: servers of the test's own, to be broken; left out: those of the run. */
export async function startRig(options: { redisUrl?: string; postgresUrl?: string } = {}): Promise<Rig> {
  const redis = await redisOf(options.redisUrl);
  const postgres = await postgresOf(options.postgresUrl);
  const database = openDatabase(postgres.url);
  const openStore = () => createRedisStore({ url: redis.url, prefix: redis.prefix, log: recordedLog() });
  const store = openStore();
  await store.connections.ready();
  await store.cluster.setLimits(RIG_LIMITS);
  const gateways: RigGateway[] = [];
  const sockets: TestSocket[] = [];
  let users = 0;
  const token = (userId: string, claims: Record<string, unknown> = {}) =>
    forgedToken({ alg: 'HS256' }, { sub: userId, iss: 'weir', aud: 'weir', exp: inSeconds(3_600), ...claims }, SECRET);

  return {
    prefix: redis.prefix,
    database,
    store,
    token,
    newUser: () => `user-${++users}`,
    async gateway(gatewayOptions = {}) {
      const gateway = await openGateway(`r${gateways.length + 1}`, openStore(), database, gatewayOptions);
      gateways.push(gateway);
      return gateway;
    },
    connect(gateway, userId, { query = '', client = {} } = {}) {
      const url = `${gateway.baseUrl.replace('http', 'ws')}/ws${query}`;
      const headers = { Authorization: `Bearer ${token(userId)}`, ...client.headers };
      const socket = new TestSocket(new WebSocket(url, { ...client, headers }));
      sockets.push(socket);
      return socket;
    },
    async startRun(userId) {
      const run = newRun(randomUUID(), { userId });
      return { id: run.id, ...(await startRun(database, store, run)) };
    },
    usersCounted: async () => (await store.users.leave('nobody', [])).activeUsers,
    async close() {
      for (const socket of sockets) socket.socket.terminate();
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await store.close();
      await database.close();
      await Promise.all([redis.close(), postgres.close()]);
    },
  };
}

async function redisOf(url: string | undefined) {
  return url === undefined ? await testRedis() : { url, prefix: 'rig', close: async () => {} };
}

async function postgresOf(url: string | undefined) {
  if (url === undefined) return testDatabase({ migrated: true });
  await migrateToLatest(url);
  return { url, close: async () => {} };
}

async function openGateway(
  replica: string,
  store: RedisStore,
  database: Database,
  { limits = {}, between = () => store }: Pick<GatewayOptions, 'limits' | 'between'>,
): Promise<RigGateway> {
  await store.connections.ready();
  const metrics = createMetrics();
  const log = recordedLog();
  const authenticator = new Authenticator({ secret: SECRET, jwksUrl: '', issuer: 'weir', audience: 'weir' });
  const view = new CapacityView(store.cluster, RIG_LIMITS);
  const places = new QueuePlaces({ queue: store.queue, view });
  const features = createFeatures({ redis: store, events: database.featureEvents, metrics, log });
  const chat = createChat({ redis: store, database, metrics, log });
  const realtime = new Realtime({
    replica,
    authenticator,
    redis: between(store),
    runs: database.runs,
    places,
    view,
    features: features.watch,
    chat: { ...chat, messages: database.messages, participants: database.participants },
    metrics,
    log,
    limits: { sweepMs: 50, ...limits },
  });
  const server = createServer((_request, response) => response.writeHead(404).end());
  server.on('upgrade', realtime.upgrade);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await features.watch.start();
  await chat.delivery.start();
  await realtime.start();
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await realtime.stop();
    await Promise.all([chat.delivery.stop(), features.watch.stop()]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await store.close();
  };
  return {
    realtime,
    store,
    metrics,
    features,
    chat,
    log,
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
