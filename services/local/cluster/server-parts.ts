import { MAX_REPLICAS } from '../options.ts';
import { postgresUrl, startPostgres } from '../servers/postgres.ts';
import { redisUrl, startRedis } from '../servers/redis.ts';
import { Part } from './part.ts';
import type { ClusterPlan } from './plan.ts';

/** Postgres pool of a replica unless WEIR_DATABASE_POOL_SIZE says otherwise; see shared/config. */
const DEFAULT_POOL_SIZE = 10;
/** For people with psql, migrations and the locks around them. */
const SPARE_CONNECTIONS = 30;

export function postgresPart(plan: ClusterPlan): Part {
  const dir = plan.state.part('postgres');
  const poolSize = Number(plan.settings.WEIR_DATABASE_POOL_SIZE ?? DEFAULT_POOL_SIZE);
  const control = {
    name: 'postgres',
    program: plan.binaries.postgres.path,
    workDir: `${dir}/data`,
    stop: { signal: 'SIGINT' as const, graceMs: 20_000 },
    start: async (onSpawn: Parameters<typeof startPostgres>[0]['onSpawn'] & object) =>
      startPostgres({
        binary: plan.binaries.postgres,
        dir,
        port: await plan.ports.getFree('postgres'),
        password: plan.secrets.postgresPassword,
        logFile: plan.state.log('postgres'),
        durable: plan.durable,
        maxConnections: MAX_REPLICAS * poolSize + SPARE_CONNECTIONS,
        onSpawn,
      }),
  };
  return new Part(control, plan.state, plan.onSpawn);
}

export function redisPart(plan: ClusterPlan): Part {
  const dir = plan.state.part('redis');
  const control = {
    name: 'redis',
    program: plan.binaries.redis.path,
    workDir: dir,
    stop: { signal: 'SIGTERM' as const, graceMs: 20_000 },
    start: async (onSpawn: Parameters<typeof startRedis>[0]['onSpawn'] & object) =>
      startRedis({
        binary: plan.binaries.redis,
        dir,
        port: await plan.ports.getFree('redis'),
        password: plan.secrets.redisPassword,
        logFile: plan.state.log('redis'),
        durable: true,
        onSpawn,
      }),
  };
  return new Part(control, plan.state, plan.onSpawn);
}

/** Where the replicas find Postgres and Redis: ours, unless the settings name others. */
export async function databaseUrl(plan: ClusterPlan): Promise<string> {
  return (
    plan.settings.WEIR_DATABASE_URL ?? postgresUrl(await plan.ports.get('postgres'), plan.secrets.postgresPassword)
  );
}

export async function cacheUrl(plan: ClusterPlan): Promise<string> {
  return plan.settings.WEIR_REDIS_URL ?? redisUrl(await plan.ports.get('redis'), plan.secrets.redisPassword);
}
