import pg from 'pg';
import { redisCommand } from '../../../services/local/servers/redis-command.ts';
import { delayStep } from '../cluster/stage.ts';
import { SimulatedProviders } from '../providers/simulated-providers.ts';
import { until } from '../until.ts';
import type { Chatter } from './chatter.ts';
import { greets, readsOfARun } from './load.ts';
import type { Scene } from './scene.ts';
import { pausedStandby } from './standby.ts';

/** Limit that a Redis of these tests stays far below (bytes). */
const REDIS_LIMIT = 200 * 1_024 ** 2;

/** One that a scrape finds under way. */
export async function slowAnswer(scene: Scene): Promise<void> {
  const providers = new SimulatedProviders(scene.stage.cluster.simulator.url);
  await providers.set('primary', { first_token_ms: 1_500 });
  const runId = await scene.start('patient', await greets(scene));
  await scene.seen('max(max_over_time(weir_llm_calls_in_flight[1m]))', (value) => value > 0);
  await providers.set('primary', { first_token_ms: 50 });
  await scene.ended(runId);
}

/** One repeat on the same provider; then the primary goes, the backup answers, a probe finds the primary well again. */
export async function providerFaults(scene: Scene): Promise<void> {
  const providers = new SimulatedProviders(scene.stage.cluster.simulator.url);
  const workflow = await greets(scene);
  const ask = async () => scene.ended(await scene.start('asker', workflow));
  await providers.set('primary', { mode: 'error_once' });
  await ask();
  await providers.set('primary', { mode: 'unavailable' });
  // Failures open it that one replica has seen in a row.
  await scene.seen('max(weir_llm_breaker_state{provider="primary"})', async (value) => {
    if (value !== 2) await ask();
    return value === 2;
  });
  await scene.seen('max(weir_llm_provider_active{provider="backup"})', (value) => value === 1);
  await scene.seen('sum(weir_llm_probes_total)', (value) => value > 0);
  await providers.set('primary', { mode: 'ok' });
  await scene.seen('max(weir_llm_breaker_state{provider="primary"})', (value) => value === 0);
  await ask();
}

/** A lock on the table of runs: readers take every connection of a replica, more of them wait for one. */
export async function lockedPostgres(scene: Scene): Promise<void> {
  const { stage } = scene;
  const headers = { Authorization: `Bearer ${await stage.cluster.token('reader')}` };
  // A list: a single run may be read from memory.
  const read = () => fetch(`${stage.replica(1).url}/api/v1/runs`, { headers });
  const client = new pg.Client({ connectionString: stage.cluster.postgres.url });
  await client.connect();
  try {
    await client.query('BEGIN; LOCK TABLE runs IN ACCESS EXCLUSIVE MODE');
    // Nobody waits for longer than the patience of a request: it may take a few rounds until a scrape falls into one.
    for (const figure of ['weir_postgres_pool_connections{state="waiting"}', 'instance:weir_postgres_pool:saturation'])
      await scene.seen(`max(max_over_time(${figure}[1m]))`, async (value) => {
        if (!(value > 0)) await Promise.all(Array.from({ length: 12 }, read));
        return value > 0;
      });
  } finally {
    await client.end();
  }
  await postgresTrusted(scene);
}

/** Starts that cannot be stored: errors of ours. */
export async function withoutPostgres(scene: Scene): Promise<void> {
  const { cluster } = scene.stage;
  const workflow_id = await greets(scene);
  await cluster.postgres.stop();
  try {
    await scene.seen('sum(weir_http_problems_total{code="storage_unavailable"})', async (value) => {
      await scene.stage.person('unlucky').start({ workflow_id }, { at: scene.stage.replica(1) });
      return value > 1;
    });
  } finally {
    await cluster.postgres.start();
  }
  await postgresTrusted(scene);
  await scene.ended(await scene.start('returned', workflow_id));
}

/** No replica refuses requests any more because of what Postgres did. */
function postgresTrusted(scene: Scene): Promise<void> {
  return scene.seen('max(weir_postgres_breaker_open)', (value) => value === 0);
}

/** No Redis: what is said meanwhile arrives when it is back, now with a limit for its memory. */
export async function withoutRedis(scene: Scene, chatter: Chatter): Promise<void> {
  const { redis } = scene.stage.cluster;
  const { port, password } = new URL(redis.url);
  const reader = 'reader';
  const runId = await scene.start(reader, await greets(scene));
  await scene.ended(runId);
  await readsOfARun(scene, runId, reader, 'hit');
  await redis.stop();
  try {
    await scene.seen('sum(1 - weir_redis_up)', (value) => value > 0);
    await chatter.say();
    await readsOfARun(scene, runId, reader, 'bypass');
    await scene.scraped();
  } finally {
    await redis.start();
  }
  await redisCommand({ port: Number(port), password }, ['CONFIG', 'SET', 'maxmemory', String(REDIS_LIMIT)]);
  await scene.seen('max(instance:redis_memory:saturation)', (value) => value > 0);
  await scene.seen('sum(weir_chat_deliveries_total{way="late"})', (value) => value > 0);
}

/** A replica that stands still in the middle of a run for longer than its lease: the run goes on elsewhere. Meanwhile a standby falls behind. */
export async function frozenReplica(scene: Scene): Promise<void> {
  const { stage } = scene;
  const naps = await scene.workflow('long naps', delayStep('nap', 2));
  const leader = await stage.leader();
  const held = await until(
    async () => {
      const id = await scene.start('dreamer', naps);
      const worker = await until(async () => (await stage.record.runs([id]))[0]?.worker, {
        timeoutMs: 5_000,
        what: 'a worker',
      });
      const replica = stage.cluster.replicas.find((candidate) => candidate.id === worker && candidate !== leader);
      return replica && { id, replica };
    },
    { timeoutMs: 20_000, what: 'a run in the hands of a replica that does not lead' },
  );
  await held.replica.kill('SIGSTOP');
  try {
    const standby = await pausedStandby(stage.cluster.postgres.url);
    await scene.seen('max(pg_stat_replication_pg_wal_lsn_diff)', (value) => value > 0);
    await standby.close();
    await scene.seen('sum(weir_runs_rescued_total)', (value) => value > 0);
  } finally {
    await held.replica.kill('SIGCONT');
  }
  await scene.ended(held.id);
}
