/**
 * Cached reads. In the mix: the users of the load tests' scenario `baseline` on three replicas behind Nginx, then programs without a socket that ask for
 * their run every second; hit rates as the replicas count them, and the time of a hit (of a run: its mark in Redis included). Contradictions: runs are
 * cancelled through one replica and read through all in the next moment. Beside: a replica that remembers and one that does not, the same reads in turns,
 * with the processor time of replica, Postgres and Redis per read.
 *
 * `node --import tsx loadtests/bench/cached-reads.ts [users] [turns] [seconds a turn]`; 0 users or turns leave that part out.
 */
import autocannon from 'autocannon';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { UNBOUNDED, withCluster } from './bench-cluster.ts';
import { hitMsWithin, hitRate, readCacheFigures } from './cached/cache-figures.ts';
import { contradictions, liveTheMix, prepareMix, watchByAsking } from './cached/in-the-mix.ts';
import { familyCpu } from './cpu-clock.ts';
import { median, row } from './figures.ts';

const [USERS = 100, TURNS = 6, SECONDS = 3] = process.argv.slice(2).map(Number);
const CANCELLED = 200;
const RUNS = 50;
const CONNECTIONS = 20;
const OFF = { WEIR_CACHE_WORKFLOW_SECONDS: '0', WEIR_CACHE_RUN_SECONDS: '0' };

async function inTheMix(cluster: LocalCluster): Promise<void> {
  const mix = await prepareMix(cluster, USERS);
  const figures = () => readCacheFigures(cluster.replicas);
  const start = await figures();
  const seen = await liveTheMix(mix, USERS);
  const afterMix = await figures();
  console.log(`${USERS} users of the scenario baseline for a minute, ${seen.requests} requests`);
  console.log(
    row('hit rate', {
      all: hitRate(start, afterMix),
      workflows: hitRate(start, afterMix, 'workflow'),
      runs: hitRate(start, afterMix, 'run'),
    }),
  );
  for (const [fault, times] of seen.faults) console.log(`  ${times} × ${fault}`);
  const asked = await watchByAsking(mix, USERS);
  const afterWatch = await figures();
  console.log(`${USERS} programs without a socket ask every second, ${asked} reads`);
  console.log(
    row('runs', {
      'hit rate': hitRate(afterMix, afterWatch, 'run'),
      'hit p50 ≤ ms': hitMsWithin(afterMix, afterWatch, 0.5),
      'hit p95 ≤ ms': hitMsWithin(afterMix, afterWatch, 0.95),
    }),
  );
  const stale = await contradictions(mix, CANCELLED);
  console.log(`${CANCELLED} runs cancelled through one replica, read through all: ${stale} answers of before`);
  console.log('wanted   hit rate of all > 0.8, p95 of hits < 5 ms, 0 answers of before\n');
}

interface Turn {
  perSecond: number;
  p50: number;
  p975: number;
  failed: number;
  /** µs per read. */
  cpu: Record<'replica' | 'postgres' | 'redis', number>;
}

async function beside(cluster: LocalCluster): Promise<void> {
  const token = await cluster.token('bench', 'admin');
  const [on, off] = cluster.replicas;
  if (on === undefined || off === undefined) throw new Error('two replicas are wanted');
  const api = new ApiClient({ baseUrl: on.url, token: () => token });
  const steps = Array.from({ length: 4 }, (_, n) => ({
    name: `step-${n}`,
    type: 'delay' as const,
    config: { duration: 0 },
  }));
  const { id } = await api.createWorkflow({ name: 'bench', steps });
  const started = await Promise.all(
    Array.from({ length: RUNS }, () => api.trigger({ workflow_id: id, payload: { question: 'how fast?' } })),
  );
  for (const { run_id } of started)
    while ((await api.getRun(run_id)).finished_at === null) await new Promise((resolve) => setTimeout(resolve, 50));
  const headers = { authorization: `Bearer ${token}` };
  const requests = started.map(({ run_id }) => ({ method: 'GET' as const, path: `/api/v1/runs/${run_id}`, headers }));

  const turnAt = async (replica: typeof on): Promise<Turn> => {
    const clocks = () => [replica, cluster.postgres, cluster.redis].map(({ pid }) => familyCpu(pid ?? -1));
    const before = clocks();
    const result = await autocannon({ url: replica.url, connections: CONNECTIONS, duration: SECONDS, requests });
    const [replicaUs = 0, postgres = 0, redis = 0] = clocks().map((us, n) => (us - (before[n] ?? 0)) / result['2xx']);
    return {
      perSecond: result['2xx'] / result.duration,
      p50: result.latency.p50,
      p975: result.latency.p97_5,
      failed: result.non2xx + result.errors + result.timeouts,
      cpu: { replica: replicaUs, postgres, redis },
    };
  };
  const turns = { off: [] as Turn[], on: [] as Turn[] };
  const before = await readCacheFigures([on]);
  for (let turn = -1; turn < TURNS; turn++) {
    const sides = { off: await turnAt(off), on: await turnAt(on) };
    if (turn < 0) continue;
    turns.off.push(sides.off);
    turns.on.push(sides.on);
  }
  const after = await readCacheFigures([on]);
  console.log(
    `GET /runs/{id} of ${RUNS} ended runs of four steps, ${CONNECTIONS} connections, ${TURNS} turns of ${SECONDS} s, alternating; medians`,
  );
  for (const [name, side] of Object.entries(turns)) {
    const of = (value: (turn: Turn) => number) => median(side.map(value));
    console.log(
      row(name, {
        'reads/s': of(({ perSecond }) => perSecond),
        'p50 ms': of(({ p50 }) => p50),
        'p97.5 ms': of(({ p975 }) => p975),
        'replica µs': of(({ cpu }) => cpu.replica),
        'postgres µs': of(({ cpu }) => cpu.postgres),
        'redis µs': of(({ cpu }) => cpu.redis),
        failed: side.reduce((sum, { failed }) => sum + failed, 0),
      }),
    );
  }
  const ratio = (value: (turn: Turn) => number) =>
    median(turns.on.map((turn, n) => value(turn) / value(turns.off[n] as Turn)));
  console.log(
    row('ratio', {
      'reads/s': ratio(({ perSecond }) => perSecond),
      'processor in all': ratio(({ cpu }) => cpu.replica + cpu.postgres + cpu.redis),
    }),
  );
  console.log(
    row('cache', {
      'hit rate': hitRate(before, after, 'run'),
      'hit p50 ≤ ms': hitMsWithin(before, after, 0.5),
      'hit p95 ≤ ms': hitMsWithin(before, after, 0.95),
    }),
  );
}

const SETTINGS = { ...UNBOUNDED, WEIR_LOG_LEVEL: 'warn' };
if (USERS > 0) await withCluster(SETTINGS, inTheMix);
if (TURNS > 0) await withCluster(SETTINGS, beside, (replica) => (replica === 'replica-2' ? OFF : {}), 2);
process.exit(0);
