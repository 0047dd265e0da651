/**
 * How fast a freed slot is used again, on an otherwise idle cluster of three replicas with one slot.
 *
 * Hand-off: from `runs.finished_at` of the run that ends (Postgres has its end; the slot is released after that) to the beginning of the
 * first step of the next run (`run_steps.started_at`, the worker's clock; all on one machine). So it contains the release, which grants
 * the slot, the ready list and the claim.
 * Leader lost: from `kill -9` of the leading process to the next grant of a slot when another one leads (before that, slots change hands on the word
 * of the dead one).
 *
 * `node --import tsx loadtests/bench/handoff.ts [hand-offs] [kills]`
 */
import pg from 'pg';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { UNBOUNDED, withCluster } from './bench-cluster.ts';
import { quantile, row } from './figures.ts';

const [HANDOFFS = 300, KILLS = 3] = process.argv.slice(2).map(Number);
/** Length of a run (s) while leaders are killed: somebody always waits. */
const SHORT_RUN_SECONDS = 0.05;

/** Replicas 1 and 2 may lead and do not work, replica 3 works and cannot lead: a killed leader takes no run with it. */
const rolesOf = (replica: string) => ({ ROLES: replica === 'replica-3' ? 'api,worker' : 'api,dispatcher' });

async function start(api: ApiClient, count: number, seconds: number): Promise<void> {
  const { id } = await api.createWorkflow({
    name: 'bench',
    steps: [{ name: 'wait', type: 'delay', config: { duration: seconds } }],
  });
  for (let started = 0; started < count; started++) await api.trigger({ workflow_id: id });
}

async function untilTrue(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 120_000; Date.now() < end; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}

async function handoffs(db: pg.Pool): Promise<number[]> {
  const { rows } = await db.query<{ ms: number }>(`
    SELECT extract(epoch FROM s.started_at - lag(r.finished_at) OVER (ORDER BY r.start_no)) * 1000 AS ms
    FROM runs r JOIN run_steps s ON s.run_id = r.id AND s.index = 0
    WHERE r.start_no IS NOT NULL ORDER BY r.start_no`);
  return rows.map(({ ms }) => Number(ms)).slice(1);
}

async function killLeader(cluster: LocalCluster, api: ApiClient, db: pg.Pool): Promise<number> {
  const { leader } = await api.capacity();
  const replica = cluster.replicas.find(({ id }) => id === leader?.replica);
  if (replica === undefined) throw new Error('nobody leads');
  const killedAt = Date.now();
  await replica.kill('SIGKILL');
  await untilTrue('another leader', async () => {
    const now = (await api.capacity()).leader?.replica;
    return now !== undefined && now !== replica.id;
  });
  const ledAt = Date.now();
  let grantedAt: number | undefined;
  await untilTrue('a grant of the next leader', async () => {
    const { rows } = await db.query<{ at: string | null }>(
      'SELECT extract(epoch FROM min(granted_at)) * 1000 AS at FROM runs WHERE granted_at > to_timestamp($1 / 1000.0)',
      [ledAt],
    );
    grantedAt = rows[0]?.at ? Number(rows[0].at) : undefined;
    return grantedAt !== undefined;
  });
  await replica.start();
  return (grantedAt ?? Number.NaN) - killedAt;
}

await withCluster(
  { ...UNBOUNDED, WEIR_MAX_WORKFLOWS: '1' },
  async (cluster) => {
    const db = new pg.Pool({ connectionString: cluster.postgres.url, max: 1 });
    const api = new ApiClient({ baseUrl: cluster.nginxUrl, token: () => cluster.token('bench', 'admin') });
    try {
      await start(api, HANDOFFS, 0);
      await untilTrue(
        'all runs to end',
        async () => (await api.queue()).length === 0 && (await api.capacity()).active_workflows === 0,
      );
      const ms = await handoffs(db);
      console.log(
        row('hand-off', {
          n: ms.length,
          'p50 ms': quantile(ms, 0.5),
          'p99 ms': quantile(ms, 0.99),
          'max ms': Math.max(...ms),
        }),
      );
      console.log('wanted   p99 ≤ 50 ms');

      await start(api, KILLS * 200, SHORT_RUN_SECONDS);
      const lost: number[] = [];
      for (let kill = 0; kill < KILLS; kill++) lost.push((await killLeader(cluster, api, db)) / 1_000);
      console.log(row('leader', { kills: lost.length, 'median s': quantile(lost, 0.5), 'worst s': Math.max(...lost) }));
      console.log('wanted   ≤ 6 s from kill -9 to the next start by another');
    } finally {
      await db.end();
    }
  },
  rolesOf,
);
