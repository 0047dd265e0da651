/**
 * A user's way through the API in seven steps (health, root, create a workflow, get it, start it, get the run, list 50 runs), a thousand users at once,
 * each with a connection of its own and one step after the other: Weir with three replicas (authenticated, stored with fsync) beside bare Express with
 * answers out of memory, both behind the same Nginx configuration. Rounds alternate; what counts is the ratio. The users' processes share the machine with
 * those they measure, so their share of the processor is told.
 *
 * What differs by `kind`: `limits`, as shipped: ten runs have a slot at a time, the others wait; `runs`: every run starts at once and runs to its end while
 * the users go on; `pages`: as `limits`, and everybody has 50 earlier runs, so that each list is full.
 *
 * `node --import tsx loadtests/bench/flow.ts [rounds] [users] [kind] [flows of a user a round]`
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { UNBOUNDED, withCluster, withReference } from './bench-cluster.ts';
import { familyCpu } from './cpu-clock.ts';
import { median, quantile, row } from './figures.ts';
import { STEPS } from './flow-steps.ts';
import type { FlowOrder, FlowSeen } from './flow-users.ts';

const [ROUNDS = 5, USERS = 1_000] = process.argv.slice(2, 4).map(Number);
const KIND = process.argv[4] ?? 'limits';
/** Long enough that how the crowd comes in is not all that is seen; 10,000 users make it long with one each. */
const FLOWS = Number(process.argv[5] ?? Math.max(1, Math.floor(6_000 / USERS)));
const GENERATORS = 2;
const FULL_PAGE = 50;
/** Runs that a list of the reference has: as many as ours, which grow with every flow, have on average. */
const LISTED = KIND === 'pages' ? FULL_PAGE : Math.min(FULL_PAGE, Math.ceil((FLOWS * (ROUNDS + 1)) / 2));
/**
 * Documented in nginx/README.md and docs/configuration.md: a request of 10,000 that come at once waits for seconds until it is its turn, which as shipped
 * is refused after 1.5 s and given up after 4.
 */
const PATIENT = { WEIR_NGINX_ANSWER_TIMEOUT: '60s', WEIR_DATABASE_WAIT_SECONDS: '25' };
const NGINX: Record<string, string> =
  USERS > 2_000 ? { WEIR_NGINX_ANSWER_TIMEOUT: PATIENT.WEIR_NGINX_ANSWER_TIMEOUT } : {};
const SETTINGS = {
  ...UNBOUNDED,
  ...(USERS > 2_000 ? PATIENT : {}),
  ...(KIND === 'runs' ? { WEIR_MAX_WORKFLOWS: '100000' } : {}),
};

interface Side {
  port: number;
  /** Whose processor time is told, by name. */
  processes: Record<string, number[]>;
}

interface Round {
  perSecond: number;
  p50: number;
  p99: number;
  failures: Map<string, number>;
  /** µs per request. */
  cpu: Record<string, number>;
  /** ms, by step. */
  steps: number[];
}

const generators = Array.from({ length: GENERATORS }, () =>
  fork(join(import.meta.dirname, 'flow-users.ts'), { execArgv: ['--import', 'tsx'], serialization: 'advanced' }),
);

async function obey(child: ChildProcess, order: FlowOrder): Promise<FlowSeen> {
  child.send(order);
  const [seen] = (await once(child, 'message')) as [FlowSeen];
  return seen;
}

async function measure({ port, processes }: Side, tokens: string[]): Promise<Round> {
  const clocks = () => Object.entries(processes).map(([, pids]) => pids.reduce((sum, pid) => sum + familyCpu(pid), 0));
  const before = clocks();
  const all = await Promise.all(
    generators.map((child, n) =>
      obey(child, { port, tokens: tokens.filter((_, user) => user % GENERATORS === n), flows: FLOWS }),
    ),
  );
  const after = clocks();
  const seconds = (Math.max(...all.map(({ to }) => to)) - Math.min(...all.map(({ from }) => from))) / 1_000;
  const steps = STEPS.map((_, step) => all.flatMap(({ latencies }) => [...(latencies[step] ?? [])]));
  const latencies = steps.flat();
  const failures = new Map<string, number>();
  for (const seen of all)
    for (const [what, count] of seen.failures) failures.set(what, (failures.get(what) ?? 0) + count);
  const cpu: Record<string, number> = { users: all.reduce((sum, seen) => sum + seen.cpu, 0) / latencies.length };
  for (const [n, name] of Object.keys(processes).entries())
    cpu[name] = ((after[n] ?? Number.NaN) - (before[n] ?? Number.NaN)) / latencies.length;
  return {
    perSecond: latencies.length / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    failures,
    cpu,
    steps: steps.map((list) => quantile(list, 0.5)),
  };
}

/** Earlier runs of every user, ended; straight into the table, as nobody measures how they came there. */
async function fillPages(cluster: LocalCluster): Promise<void> {
  const client = new pg.Client({ connectionString: cluster.postgres.url });
  await client.connect();
  try {
    await client.query(
      `WITH workflow AS (
       INSERT INTO workflows (name, steps, created_by) VALUES ('earlier', '[]', 'bench') RETURNING id
     )
     INSERT INTO runs (id, user_id, workflow_id, workflow_name, step_count, status, payload, correlation_id, max_attempts, request_hash, priority, accepted_at,
       expires_at, finished_at, updated_at)
     SELECT gen_random_uuid(), 'user-' || n % $1::int, workflow.id, 'earlier', 1, 'succeeded', '{"question":"how fast?"}', 'bench-' || n, 3, '', 'normal', now(), now(), now(), now()
     FROM workflow, generate_series(0, $1::int * $2::int - 1) n`,
      [USERS, FULL_PAGE],
    );
    await client.query('ANALYZE runs');
  } finally {
    await client.end();
  }
}

function report(sides: Record<'express' | 'weir', Round[]>): void {
  const requests = USERS * FLOWS * STEPS.length;
  console.log(
    `${USERS} users at once (${KIND}), ${ROUNDS} rounds of ${requests} requests each, alternating; medians; processor time in µs per request`,
  );
  for (const [name, rounds] of Object.entries(sides)) {
    const of = (value: (round: Round) => number) => median(rounds.map(value));
    const failed = rounds.reduce((sum, round) => sum + [...round.failures.values()].reduce((a, b) => a + b, 0), 0);
    const figures = { 'req/s': of((round) => round.perSecond), 'p50 ms': of((round) => round.p50) };
    console.log(row(name, { ...figures, 'p99 ms': of((round) => round.p99), 'failed in all': failed }));
    const cpu = Object.keys(rounds[0]?.cpu ?? {}).map((who): [string, number] => [who, of(({ cpu }) => cpu[who] ?? 0)]);
    const all = cpu.reduce((sum, [, us]) => sum + us, 0);
    console.log(row('  µs', { ...Object.fromEntries(cpu), 'share of users': (cpu[0]?.[1] ?? 0) / all }));
    console.log(
      row('  p50 ms', Object.fromEntries(STEPS.map((step, n) => [step, of(({ steps }) => steps[n] ?? Number.NaN)]))),
    );
    for (const round of rounds) for (const [what, count] of round.failures) console.log(`  ${count} × ${what}`);
  }
  const ratio = (value: (round: Round) => number) =>
    median(sides.weir.map((round, n) => value(round) / value(sides.express[n] as Round)));
  console.log(row('ratio', { throughput: ratio((round) => round.perSecond), p99: ratio((round) => round.p99) }));
  console.log('wanted   throughput ≥ 0.5, nothing failed');
}

await withReference(
  { program: 'flow-app.ts', args: [String(LISTED)], count: 3, settings: NGINX },
  async ({ url, pids, nginxPid }) =>
    withCluster(SETTINGS, async (cluster) => {
      if (KIND === 'pages') await fillPages(cluster);
      const tokens = await Promise.all(Array.from({ length: USERS }, (_, n) => cluster.token(`user-${n}`)));
      const pidOf = ({ pid }: { pid: number | null }) => (pid === null ? [] : [pid]);
      const express: Side = { port: Number(new URL(url).port), processes: { node: pids, nginx: [nginxPid] } };
      const weir: Side = {
        port: Number(new URL(cluster.nginxUrl).port),
        processes: {
          node: cluster.replicas.flatMap(pidOf),
          nginx: pidOf(cluster.nginx),
          postgres: pidOf(cluster.postgres),
          redis: pidOf(cluster.redis),
        },
      };
      const sides = { express: [] as Round[], weir: [] as Round[] };
      // The first round of each only warms up.
      for (let round = 0; round <= ROUNDS; round++) {
        for (const [name, side] of [['express', express] as const, ['weir', weir] as const]) {
          const measured = await measure(side, tokens);
          if (round > 0) sides[name].push(measured);
        }
      }
      report(sides);
    }),
).finally(() => {
  for (const child of generators) child.disconnect();
});
