/**
 * What tracing costs: a replica in this process, whose tracing is switched on and off in short turns while it works. Counted is the processor
 * time of this process, and that of this process, Postgres and Redis together, per start (POST /trigger alone; every run waits) and per run
 * (from the start to its end, a model call and the events to a socket included). Load, a second replica that leads, and the receiver of traces
 * are other processes. Two clusters beside each other, or wall-clock time, differ by more than what is to be measured. What stays on in the
 * turns without: Node's channel of fetch has a listener.
 *
 * A full collection of garbage would move the turn it comes in by a third. So the heap may grow (by some 100 MB a block), and is collected between
 * sets of blocks; what tracing adds to that is told as the bytes that outlive the young generation. A neighbour on the machine moves single
 * turns as well. So there are many, and the figure comes with the standard error of the mean: the true ratio is within two and a half of them.
 *
 * `node --import tsx loadtests/bench/tracing.ts [blocks] [turns a block] [ratio]`
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compose } from '../../services/compose.ts';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { readJson } from '../../services/local/state/json-file.ts';
import type { Secrets } from '../../services/local/state/secrets.ts';
import { loadSettings } from '../../shared/config/load.ts';
import { Runner } from '../../shared/lifecycle/runner.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { setTracingCore } from '../../shared/observability/tracing/spans.ts';
import { startTracing } from '../../shared/observability/tracing/start-tracing.ts';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { UNBOUNDED, withCluster } from './bench-cluster.ts';
import { familyCpu } from './cpu-clock.ts';
import { median, row, standardError } from './figures.ts';
import type { LoadOrder, LoadReport } from './tracing-load.ts';

const HEAP_MAY_GROW = '--initial-heap-size=4000';
if (!process.execArgv.includes(HEAP_MAY_GROW)) {
  const again = [HEAP_MAY_GROW, ...process.execArgv, ...process.argv.slice(1)];
  process.exit(spawnSync(process.execPath, again, { stdio: 'inherit' }).status ?? 1);
}
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const [BLOCKS = 60, TURNS = 2, RATIO = 0.1] = process.argv.slice(2).map(Number);
const BLOCKS_A_SET = 4;
/** A turn takes about a second, after which a replica exports anyway: what an export costs must not come several times a second. */
const STARTS_A_TURN = 5_000;
const RUNS_A_TURN = 1_000;
/** Room for all runs of a turn: nobody waits in the queue, which would cost more than the rest. */
const SETTINGS = { ...UNBOUNDED, WEIR_MAX_WORKFLOWS: String(2 * RUNS_A_TURN) };

/** The process that works against the replica. */
class Load {
  receivedBytes = 0;
  private readonly child = fork(join(import.meta.dirname, 'tracing-load.ts'), { execArgv: ['--import', 'tsx'] });

  async endpoint(): Promise<string> {
    const report = await this.heard();
    return 'endpoint' in report ? report.endpoint : '';
  }

  /** Resolves to the number of starts that were accepted. */
  async tell(order: LoadOrder): Promise<number> {
    this.child.send(order);
    const report = await this.heard();
    if ('endpoint' in report) return 0;
    this.receivedBytes = report.receivedBytes;
    return report.accepted;
  }

  end(): void {
    this.child.disconnect();
  }

  private async heard(): Promise<LoadReport> {
    const [report] = (await once(this.child, 'message')) as [LoadReport];
    return report;
  }
}

/** The replica of this process, beside one of the cluster that leads and does not work. */
async function startReplica(cluster: LocalCluster, endpoint: string) {
  const secrets = readJson<Secrets>(join(dirname(cluster.logDir), 'secrets.json'));
  const settings = loadSettings({
    ROLES: 'api,worker',
    WEIR_REPLICA_ID: 'bench',
    WEIR_PORT: '0',
    WEIR_INTERNAL_PORT: '0',
    WEIR_DATABASE_URL: cluster.databaseUrl,
    WEIR_REDIS_URL: cluster.redis.url,
    WEIR_JWT_SECRET: secrets?.jwtSecret,
    WEIR_LLM_PRIMARY_BASE_URL: `${cluster.simulator.url}/primary/v1`,
    WEIR_LLM_PRIMARY_MODEL: 'sim-primary',
    ...SETTINGS,
  });
  const log = createLogger({ level: 'error', fields: {} });
  const about = { serviceName: 'weir', version: 'bench', replica: 'bench', headers: '' };
  const tracing = startTracing({ ...about, endpoint, sampleRatio: RATIO, log });
  const replica = compose(settings, log, tracing);
  const runner = new Runner(replica.services, log);
  await runner.start();
  return { url: String(replica.describe().url), flush: tracing.flush, stop: () => runner.stop(10_000) };
}

const SIDES = ['off', 'on'] as const;
type Side = (typeof SIDES)[number];
/**
 * Processor time (µs): of the replica, and of all who serve together, which are the replica, Postgres and Redis (NaN where there is no /proc).
 * And what outlives the young generation of the replica's heap (bytes).
 */
const UNITS = { replica: 'µs', together: 'µs', outlives: 'bytes' } as const;
const LABELS = { replica: 'replica alone', together: 'with Postgres and Redis', outlives: 'outlives' } as const;
type Measure = keyof typeof UNITS;
const MEASURES = Object.keys(UNITS) as Measure[];
type Measured = Record<Measure, number>;
type Costs = Record<Side, Measured>;

interface Turns {
  switchTo(side: Side): void;
  /** Sends what the turn has recorded, which is part of what it costs. */
  flush(): Promise<void>;
  /** So far. */
  measured(): Measured;
}

/** Processor time per piece of work without and with tracing, in turns, also which comes first. */
async function block({ switchTo, flush, measured }: Turns, work: () => Promise<number>): Promise<Costs> {
  const nothing = { replica: 0, together: 0, outlives: 0 };
  const spent: Costs = { off: { ...nothing }, on: { ...nothing } };
  const done = { off: 0, on: 0 };
  for (let turn = 0; turn < TURNS; turn++) {
    for (const side of turn % 2 === 0 ? SIDES : SIDES.toReversed()) {
      switchTo(side);
      const before = measured();
      done[side] += await work();
      await flush();
      const after = measured();
      for (const measure of MEASURES) spent[side][measure] += after[measure] - before[measure];
    }
  }
  for (const side of SIDES) for (const measure of MEASURES) spent[side][measure] /= done[side];
  return spent;
}

async function phase(what: string, turns: Turns, work: () => Promise<number>): Promise<void> {
  const costs: Costs[] = [];
  for (let n = 0; n < BLOCKS; n++) {
    if (n % BLOCKS_A_SET === 0) {
      collectGarbage();
      // Compiles what the collection has thrown away.
      await block(turns, work);
    }
    costs.push(await block(turns, work));
  }
  for (const measure of MEASURES) {
    const of = (side: Side) => costs.map((cost) => cost[side][measure]);
    const ratios = costs.map(({ off, on }) => on[measure] / off[measure]);
    console.log(
      row(`${what}, ${LABELS[measure]}`.padEnd(32), {
        [`${UNITS[measure]} off`]: median(of('off')),
        [`${UNITS[measure]} on`]: median(of('on')),
        ratio: median(ratios),
        'standard error': standardError(ratios),
      }),
    );
  }
}

const load = new Load();
const endpoint = await load.endpoint();
await withCluster(
  { ...SETTINGS, ROLES: 'api,dispatcher' },
  async (cluster) => {
    const settings = JSON.stringify({ first_token_ms: 0, tokens_per_second: 0, tokens: 30 });
    await fetch(`${cluster.simulator.url}/control`, { method: 'PUT', body: settings });
    const token = await cluster.token('bench', 'admin');
    const replica = await startReplica(cluster, endpoint);
    const core = setTracingCore(null);
    const turns: Turns = {
      switchTo: (side) => void setTracingCore(side === 'on' ? core : null),
      flush: replica.flush,
      measured() {
        const { user, system } = process.cpuUsage();
        const stores = [cluster.postgres, cluster.redis].map(({ pid }) => familyCpu(pid ?? -1));
        return {
          replica: user + system,
          together: stores.reduce((sum, time) => sum + time, user + system),
          outlives: getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? 0,
        };
      },
    };
    const api = new ApiClient({ baseUrl: cluster.replicas[0]?.url ?? '', token: async () => token });
    const ask = { name: 'ask', type: 'llm' as const, config: { prompt: 'Say hello' } };
    const { id: workflowId } = await api.createWorkflow({ name: 'asks', steps: [ask] });
    try {
      await load.tell({ kind: 'connect', url: replica.url, token, workflowId });
      console.log(`tracing at ratio ${RATIO}, ${BLOCKS} blocks of ${TURNS} turns; processor time`);
      await phase('runs', turns, () => load.tell({ kind: 'start', amount: RUNS_A_TURN, ends: true }));
      await load.tell({ kind: 'disconnect' });
      await api.patchCapacity({ max_workflows: 0 });
      await phase('starts', turns, () => load.tell({ kind: 'start', amount: STARTS_A_TURN, ends: false }));
      console.log(`received ${(load.receivedBytes / 1e6).toFixed(1)} MB; wanted: a run below 1.05`);
    } finally {
      await replica.stop();
    }
  },
  () => ({}),
  1,
).finally(() => load.end());
process.exit(0);
