/**
 * Admission in one process (durable in Postgres, then a slot or a place in Redis) beside BullMQ's `add` (Redis only), on the same Redis with
 * appendfsync everysec, 200 in flight. Rounds alternate; what counts is the ratio. A full round of each goes first and does not count.
 * `node --import tsx loadtests/bench/admission.ts [rounds] [seconds] [sides, of: bullmq,started,queued]`.
 */
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
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
  const observer = new Redis(url);
  const bull = new Queue('bench', { connection: { host: '127.0.0.1', port, password } });
  await bull.waitUntilReady();
  const weir = await openAdmission(servers);
  const job = { user_id: 'user-1', workflow_id: 'bench', payload: { question: 'how fast?' } };

  const all: Record<string, Side> = {
    bullmq: {
      // Makes the queue's own keys again.
      prepare: async () => {
        await observer.flushall();
        await bull.add('run', job);
      },
      once: () => bull.add('run', job),
    },
    started: { prepare: () => weir.reset(SLOTS_FOR_ALL), once: weir.start },
    queued: { prepare: () => weir.reset(0), once: weir.start },
  };
  const sides = Object.entries(all).filter(([name]) => ONLY === undefined || ONLY.includes(name));
  const rounds: Record<string, Round[]> = {};
  for (let number = 0; number <= ROUNDS; number++) {
    for (const [name, side] of sides) {
      await side.prepare();
      const before = await readCpu(observer, servers.postgres.pid);
      const { count, seconds } = await flood(SECONDS, side.once);
      const cpu = cpuBetween(before, await readCpu(observer, servers.postgres.pid));
      const round = {
        perSecond: count / seconds,
        cpu: { node: cpu.node / count, redis: cpu.redis / count, postgres: cpu.postgres / count },
      };
      rounds[name] ??= [];
      if (number > 0) rounds[name].push(round);
    }
  }
  await Promise.all([weir.close(), bull.close()]);
  observer.disconnect();

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
});
