import { Redis } from 'ioredis';
import { createDatabase } from '../../../db/database.ts';
import { migrateToLatest } from '../../../db/migrate.ts';
import { createRedisStore } from '../../../redis/store.ts';
import { createAdmission } from '../../../services/api/admission/create-admission.ts';
import { compose } from '../../../services/compose.ts';
import { loadSettings } from '../../../shared/config/load.ts';
import { Runner } from '../../../shared/lifecycle/runner.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { UNBOUNDED } from '../bench-cluster.ts';
import { inLanes, type JobTimes, jobData, type OpenEngine } from './engine.ts';
import { ownDatabase } from './own-database.ts';

/** Users who start runs in turn. */
const USERS = 25;
const FILL_AT_ONCE = 1_000;
const STOP_MS = 20_000;

/**
 * Weir without its door: what a replica does with an accepted start, called as the others' libraries are, and a replica beside it in the same
 * process that leads and works. A run is stored in Postgres (fsync) and has its slot or its place when `accept` resolves.
 */
export const openWeir: OpenEngine = async ({ redis: { url: redisUrl }, postgres }, workMs) => {
  const own = await ownDatabase(postgres.url);
  await migrateToLatest(own.url);
  const control = new Redis(redisUrl);
  await control.flushall();
  const settings = loadSettings({
    ...UNBOUNDED,
    ROLES: 'dispatcher,worker',
    WEIR_REPLICA_ID: 'bench',
    WEIR_INTERNAL_PORT: '0',
    WEIR_DATABASE_URL: own.url,
    WEIR_REDIS_URL: redisUrl,
    WEIR_JWT_SECRET: 'bench'.repeat(10),
    WEIR_MAX_WORKFLOWS: '0',
    WEIR_WORKER_CONCURRENCY: '1000',
    WEIR_DRAIN_PER_SECOND: '1000000',
  });
  const log = createLogger({ level: 'error', fields: {} });
  const metrics = createMetrics();
  const runner = new Runner(compose(settings, log).services, log);
  await runner.start();
  const database = createDatabase(settings, metrics, log);
  const redis = createRedisStore({ url: redisUrl, prefix: settings.WEIR_REDIS_PREFIX, log });
  await redis.connections.ready();
  const seedLimits = {
    max_users: settings.WEIR_MAX_USERS,
    max_workflows: settings.WEIR_MAX_WORKFLOWS,
    hard_limit_users: settings.WEIR_HARD_LIMIT_USERS,
    queue_max: settings.WEIR_QUEUE_MAX,
    queue_max_per_user: settings.WEIR_QUEUE_MAX_PER_USER,
    queue_timeout_seconds: settings.WEIR_QUEUE_TIMEOUT_SECONDS,
    drain_per_second: settings.WEIR_DRAIN_PER_SECOND,
  };
  const admission = createAdmission({ redis, database, metrics, log, seedLimits, maxAttempts: 3 });
  for (const service of admission.services) await service.start();
  // The leader has to set up an empty Redis first.
  while ((await admission.view.readNow()).kind !== 'state') await new Promise((resolve) => setTimeout(resolve, 20));
  const reader = own.pool(1);
  const workflow = await database.workflows.create({
    name: 'bench',
    steps: [{ name: 'wait', type: 'delay', config: { duration: workMs / 1_000 } }],
    createdBy: 'bench',
  });
  let count = 0;
  const accept = () =>
    admission.submit.submit({
      userId: `user-${count++ % USERS}`,
      workflow,
      payload: { ...jobData() },
      priority: 'normal',
      idempotencyKey: null,
      requestHash: '',
      correlationId: `bench-${count}`,
    });
  return {
    accept,
    fill: (wanted) => inLanes(wanted, FILL_AT_ONCE, accept),
    work: async (slots) => void (await admission.changeLimits.change({ max_workflows: slots }, 'bench')),
    async ended() {
      const { rows } = await reader.query<{ n: string }>('SELECT count(*) AS n FROM run_steps');
      return Number(rows[0]?.n);
    },
    async times() {
      const { rows } = await reader.query<JobTimes>(
        `SELECT (payload->>'askedAt')::float8 AS "askedAt", extract(epoch FROM s.started_at)::float8 * 1000 AS "startedAt",
           extract(epoch FROM s.finished_at)::float8 * 1000 AS "endedAt"
         FROM run_steps s JOIN runs r ON r.id = s.run_id`,
      );
      return rows;
    },
    async close() {
      for (const service of [...admission.services].reverse()) await service.stop();
      await runner.stop(STOP_MS);
      await Promise.all([redis.close(), database.close(), reader.end()]);
      control.disconnect();
      await own.drop();
    },
  };
};
