/**
 * What it costs a start to ask for capacity: the admission of a replica (stored in Postgres with fsync, then admitted by Redis: levels, users, slots, order)
 * beside the same admission that stores the run and does not ask. In turns, in one process and on one Postgres; every start gets a slot. One start at a time
 * says what somebody waits longer; many at once share one INSERT and one script, so that each waits for all, and say what a start costs (`ms a start`: the time
 * of a turn over its starts).
 *
 * `node --import tsx loadtests/bench/careful.ts [turns] [starts a turn]`
 */
import { Redis } from 'ioredis';
import pg from 'pg';
import { type AdmissionRig, openAdmission } from './admission-rig.ts';
import { withServers } from './bench-servers.ts';
import { type CpuReading, cpuBetween, readCpu } from './cpu-clock.ts';
import { median, quantile, row } from './figures.ts';

const [TURNS = 10, STARTS = 400] = process.argv.slice(2).map(Number);
const IN_FLIGHT = [1, 20, 200];
/** Busy starts are cheap: more of them make a turn long enough for the clocks of processes, which count in hundredths of a second. */
const TIMES_WHEN_BUSY = 10;
/** More than are started in a turn. */
const SLOTS_FOR_ALL = 10_000_000;

type Side = 'off' | 'on';

interface Turn {
  /** Of each start (ms). */
  latencies: number[];
  /** Time of the turn over its starts (ms). */
  share: number;
  /** µs per start. */
  cpu: CpuReading;
}

async function turnOf(starts: number, lanes: number, once: () => Promise<unknown>): Promise<number[]> {
  const latencies: number[] = [];
  let left = starts;
  const lane = async () => {
    while (left-- > 0) {
      const begun = performance.now();
      await once();
      latencies.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return latencies;
}

function report(lanes: number, turns: Record<Side, Turn[]>, asked: { ms: number[]; runs: number }): void {
  const starts = (lanes === 1 ? 1 : TIMES_WHEN_BUSY) * STARTS;
  console.log(`\n${lanes} at a time, ${TURNS} turns of ${starts} starts, alternating; medians of the turns`);
  const of = (side: Side, value: (turn: Turn) => number) => median(turns[side].map(value));
  const p50 = ({ latencies }: Turn) => quantile(latencies, 0.5);
  const p95 = ({ latencies }: Turn) => quantile(latencies, 0.95);
  for (const side of ['off', 'on'] as const)
    console.log(
      row(side, {
        'p50 ms': of(side, p50),
        'p95 ms': of(side, p95),
        'ms a start': of(side, ({ share }) => share),
        'node µs': of(side, ({ cpu }) => cpu.node),
        'redis µs': of(side, ({ cpu }) => cpu.redis),
        'postgres µs': of(side, ({ cpu }) => cpu.postgres),
      }),
    );
  const more = (value: (turn: Turn) => number) =>
    median(turns.on.map((turn, n) => value(turn) - value(turns.off[n] as Turn)));
  console.log(
    row('on − off', {
      'p50 ms': more(p50),
      'p95 ms': more(p95),
      'ms a start': more(({ share }) => share),
      'node µs': more(({ cpu }) => cpu.node),
    }),
  );
  console.log(
    row('asking', {
      'p50 ms': quantile(asked.ms, 0.5),
      'p95 ms': quantile(asked.ms, 0.95),
      'runs a call': asked.runs / asked.ms.length,
    }),
  );
}

async function measure(lanes: number, weir: AdmissionRig, read: () => Promise<CpuReading>): Promise<void> {
  const turns: Record<Side, Turn[]> = { off: [], on: [] };
  const asked = { ms: [] as number[], runs: 0 };
  const starts = (lanes === 1 ? 1 : TIMES_WHEN_BUSY) * STARTS;
  for (let turn = -1; turn < TURNS; turn++) {
    for (const side of turn % 2 === 0 ? (['off', 'on'] as const) : (['on', 'off'] as const)) {
      await weir.reset(SLOTS_FOR_ALL);
      weir.onAdmit((ms, runs) => {
        if (turn < 0) return;
        asked.ms.push(ms);
        asked.runs += runs;
      });
      const before = await read();
      const begun = performance.now();
      const latencies = await turnOf(starts, lanes, side === 'on' ? weir.start : weir.startUntracked);
      const share = (performance.now() - begun) / starts;
      const cpu = cpuBetween(before, await read());
      // The first two only make it warm.
      if (turn < 0) continue;
      const each = { node: cpu.node / starts, redis: cpu.redis / starts, postgres: cpu.postgres / starts };
      turns[side].push({ latencies, share, cpu: each });
    }
  }
  report(lanes, turns, asked);
}

await withServers(async (servers) => {
  const redis = new Redis(servers.redis.url);
  const postgres = new pg.Client({ connectionString: servers.postgres.url });
  await postgres.connect();
  const weir = await openAdmission(servers);
  try {
    for (const lanes of IN_FLIGHT) {
      await postgres.query('CHECKPOINT');
      await measure(lanes, weir, () => readCpu(redis, servers.postgres.pid));
    }
    console.log('\nwanted   on − off below 1 ms');
  } finally {
    await Promise.all([weir.close(), postgres.end()]);
    redis.disconnect();
  }
});
process.exit(0);
