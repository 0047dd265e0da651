import { MAX_REPLICAS } from '../options.ts';
import { postgresUrl, startPostgres } from '../servers/postgres.ts';
import { redisUrl, startRedis } from '../servers/redis.ts';
import { Part } from './part.ts';
import type { ClusterPlan } from './plan.ts';

/** Postgres pool of a replica unless WEIR_DATABASE_POOL_SIZE says otherwise; see shared/config. */
const DEFAULT_POOL_SIZE = 10;
/** For people with psql, migrations and the locks around them. */
const SPARE_CONNECTIONS = 30;

/** One of two: what comes before its start (whom does it follow?) and after it. */
interface PairedStart {
  name: string;
  prepare(): Promise<{ port: number } | null>;
  finish(): Promise<void>;
}

export function postgresPart(plan: ClusterPlan, pair?: PairedStart): Part {
  const name = pair?.name ?? 'postgres';
  const dir = plan.state.part(name);
  const poolSize = Number(plan.settings.WEIR_DATABASE_POOL_SIZE ?? DEFAULT_POOL_SIZE);
  const control = {
    name,
    program: plan.binaries.postgres.path,
    workDir: `${dir}/data`,
    stop: { signal: 'SIGINT' as const, graceMs: 20_000 },
    start: async (onSpawn: Parameters<typeof startPostgres>[0]['onSpawn'] & object) => {
      const follows = (await pair?.prepare()) ?? null;
      const ref = await startPostgres({
        binary: plan.binaries.postgres,
        dir,
        port: await plan.ports.getFree(name),
        password: plan.secrets.postgresPassword,
        logFile: plan.state.log(name),
        durable: plan.durable,
        maxConnections: MAX_REPLICAS * poolSize + SPARE_CONNECTIONS,
        ...(pair === undefined ? {} : { pair: { name, follows } }),
        onSpawn,
      });
      await pair?.finish();
      return ref;
    },
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
  if (plan.settings.WEIR_DATABASE_URL !== undefined) return plan.settings.WEIR_DATABASE_URL;
  const one = await firstDatabaseUrl(plan);
  return plan.standby ? one.replace(/(?=\/[^/]*$)/, `,127.0.0.1:${await plan.ports.get('postgres-2')}`) : one;
}

/** Of several servers of ours the first. */
export async function firstDatabaseUrl(plan: ClusterPlan): Promise<string> {
  return postgresUrl(await plan.ports.get('postgres'), plan.secrets.postgresPassword);
}

export async function cacheUrl(plan: ClusterPlan): Promise<string> {
  return plan.settings.WEIR_REDIS_URL ?? redisUrl(await plan.ports.get('redis'), plan.secrets.redisPassword);
}
