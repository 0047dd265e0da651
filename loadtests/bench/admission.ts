/**
 * Admission in one process (durable in Postgres, then a slot or a place in Redis) beside BullMQ's `add` (Redis only), on the same Redis with
 * appendfsync everysec, 200 in flight. `started`: a slot for every run, as the reference adds jobs for free workers; `queued`: no slot at all, so
 * that every start also tells its user, who has a stream, of its place. Rounds alternate; what counts is the ratio. A full round of each goes
 * first and does not count. A checkpoint before each of our rounds lets Postgres reuse its log files as it does when it has run for a while;
 * in its first gigabyte it writes every one of them twice.
 * `node --import tsx loadtests/bench/admission.ts [rounds] [seconds] [sides, of: bullmq,started,queued]`.
 */
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { openAdmission } from './admission-rig.ts';
import { withServers } from './bench-servers.ts';
import { type CpuReading, cpuBetween, readCpu } from './cpu-clock.ts';
import { median, row } from './figures.ts';

const [ROUNDS = 5, SECONDS = 3] = process.argv.slice(2, 4).map(Number);
const ONLY = process.argv[4]?.split(',');
const IN_FLIGHT = 200;
/** More than any round starts: every run gets its slot at once. */
const SLOTS_FOR_ALL = 10_000_000;

interface Side {
  prepare(): Promise<unknown>;
  once(): Promise<unknown>;
}

interface Round {
  perSecond: number;
  /** µs per operation. */
  cpu: CpuReading;
}

/** As many as fit into the time, always IN_FLIGHT at once. */
async function flood(seconds: number, once: () => Promise<unknown>): Promise<{ count: number; seconds: number }> {
  const begun = performance.now();
  const until = begun + seconds * 1_000;
  let count = 0;
  const lane = async () => {
    while (performance.now() < until) {
      await once();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return { count, seconds: (performance.now() - begun) / 1_000 };
}

await withServers(async (servers) => {
  const { url, port, password } = servers.redis;
  const redis = new Redis(url);
  const postgres = new pg.Client({ connectionString: servers.postgres.url });
  await postgres.connect();
  const bull = new Queue('bench', { connection: { host: '127.0.0.1', port, password } });
  const weir = await openAdmission(servers);
  const job = { user_id: 'user-1', workflow_id: 'bench', payload: { question: 'how fast?' } };
  const ours = (slots: number): Side => ({
    prepare: async () => {
      await postgres.query('CHECKPOINT');
      await weir.reset(slots);
    },
    once: weir.start,
  });
  const sides: Record<string, Side> = {
    bullmq: {
      // Makes the queue's own keys again.
      prepare: async () => {
        await redis.flushall();
        await bull.add('run', job);
      },
      once: () => bull.add('run', job),
    },
    started: ours(SLOTS_FOR_ALL),
    queued: ours(0),
  };
  const measure = async (side: Side): Promise<Round> => {
    await side.prepare();
    const before = await readCpu(redis, servers.postgres.pid);
    const { count, seconds } = await flood(SECONDS, side.once);
    const cpu = cpuBetween(before, await readCpu(redis, servers.postgres.pid));
    return {
      perSecond: count / seconds,
      cpu: { node: cpu.node / count, redis: cpu.redis / count, postgres: cpu.postgres / count },
    };
  };

  const wanted = Object.keys(sides).filter((name) => ONLY === undefined || ONLY.includes(name));
  const rounds = Object.fromEntries(wanted.map((name) => [name, [] as Round[]]));
  try {
    for (let number = 0; number <= ROUNDS; number++) {
      for (const [name, side] of Object.entries(sides)) {
        if (!wanted.includes(name)) continue;
        const round = await measure(side);
        if (number > 0) rounds[name]?.push(round);
      }
    }
  } finally {
    await Promise.all([weir.close(), bull.close(), postgres.end()]);
    redis.disconnect();
  }
  report(rounds);
});

function report(rounds: Record<string, Round[]>): void {
  console.log(
    `admission, ${IN_FLIGHT} in flight, ${ROUNDS} rounds of ${SECONDS} s each, alternating; medians; µs of CPU per run`,
  );
  for (const [name, side] of Object.entries(rounds)) {
    const of = (value: (round: Round) => number) => median(side.map(value));
    console.log(
      row(name, {
        'per s': of((round) => round.perSecond),
        'node µs': of((round) => round.cpu.node),
        'redis µs': of((round) => round.cpu.redis),
        'postgres µs': of((round) => round.cpu.postgres),
      }),
    );
  }
  const { bullmq = [], ...ours } = rounds;
  const ratios = Object.entries(ours).map(([name, side]): [string, number] => [
    name,
    median(side.map((round, number) => round.perSecond / (bullmq[number]?.perSecond ?? Number.NaN))),
  ]);
  console.log(row('ratio', Object.fromEntries(ratios)));
  console.log('wanted   started ≥ 1.2');
}
