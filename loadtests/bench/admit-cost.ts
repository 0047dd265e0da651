/**
 * What one admit costs Redis (`INFO commandstats`: time in EVALSHA, by number of runs admitted), with 100 and with 100,000 runs waiting: runs that
 * join the queue, in batches as 200 starts in flight make them and one by one. Rounds alternate between the two lengths; medians.
 * `node --import tsx loadtests/bench/admit-cost.ts [rounds] [runs a round]`.
 */
import { randomUUID } from 'node:crypto';
import type { AdmitEntry } from '../../redis/results.ts';
import { createRedisStore, type RedisStore } from '../../redis/store.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { withServers } from './bench-servers.ts';
import { median, row } from './figures.ts';

const [ROUNDS = 7, RUNS = 5_000] = process.argv.slice(2).map(Number);
/** Two batches under way share 200 in flight. */
const BATCH_SIZES = [100, 1];
const LENGTHS = [100, 100_000];
const FILL_BATCH = 1_000;
/** Runs admitted before they are taken out again. */
const SLICE = 100;
const USERS = 25;
const UNBOUNDED = 100_000_000;
const DAY_MS = 86_400_000;

/** A Redis with one capacity state per queue length, each under a prefix of its own. */
interface Bed {
  length: number;
  store: RedisStore;
  seq: number;
}

function entries(bed: Bed, count: number): AdmitEntry[] {
  const acceptedAt = Date.now();
  return Array.from({ length: count }, () => {
    bed.seq += 1;
    return {
      runId: randomUUID(),
      seq: bed.seq,
      userId: `user-${bed.seq % USERS}`,
      workflowId: 'f7b3a1c0-5d1e-4a63-9d0c-6f1b7c0a2e11',
      priority: 'normal',
      acceptedAt,
      expiresAt: acceptedAt + DAY_MS,
      attemptFloor: 0,
    };
  });
}

async function admit(bed: Bed, count: number, batch: number): Promise<void> {
  for (let left = count; left > 0; left -= batch) {
    const admitted = await bed.store.queue.admit(entries(bed, Math.min(batch, left)));
    if (admitted.kind !== 'admitted' || admitted.results.some((result) => result.kind !== 'queued')) {
      throw new Error('a run that should wait does not');
    }
  }
}

/** Microseconds spent in EVALSHA so far. */
async function evalshaUs(store: RedisStore): Promise<number> {
  const stats = await store.connections.command.info('commandstats');
  return Number(/^cmdstat_evalsha:.*?usec=(\d+)/m.exec(stats)?.[1] ?? Number.NaN);
}

/** µs of Redis per admit of `RUNS` runs. They are taken out again slice by slice, so that the queue is as long as it says. */
async function cost(bed: Bed, batch: number): Promise<number> {
  let us = 0;
  for (let left = RUNS; left > 0; left -= SLICE) {
    const before = await evalshaUs(bed.store);
    await admit(bed, SLICE, batch);
    us += (await evalshaUs(bed.store)) - before;
    const newest = await bed.store.queue.listQueued(bed.length, SLICE);
    await Promise.all(newest.map((runId) => bed.store.queue.cancel(runId)));
  }
  return us / RUNS;
}

await withServers(async ({ redis }) => {
  const log = createLogger({ level: 'warn', fields: {} });
  const beds: Bed[] = [];
  for (const length of LENGTHS) {
    const bed = { length, store: createRedisStore({ url: redis.url, prefix: `bench-${length}`, log }), seq: 0 };
    await bed.store.connections.ready();
    await bed.store.rebuild.begin(1);
    const limits = {
      max_users: UNBOUNDED,
      max_workflows: 0,
      hard_limit_users: 0,
      queue_max: UNBOUNDED,
      queue_max_per_user: UNBOUNDED,
      queue_timeout_seconds: DAY_MS / 1_000,
      drain_per_second: UNBOUNDED,
    };
    await bed.store.rebuild.finish(1, { generation: 'bench', maxGrantNo: 0, limits });
    await admit(bed, length, FILL_BATCH);
    beds.push(bed);
  }
  console.log(
    `admit, Redis time per run, ${ROUNDS} rounds of ${RUNS} runs each, alternating; medians of µs, in batches of`,
  );
  for (const batch of BATCH_SIZES) {
    const costs = beds.map(() => [] as number[]);
    // The first round of each only warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [at, bed] of beds.entries()) {
        const us = await cost(bed, batch);
        if (round > 0) costs[at]?.push(us);
      }
    }
    const figures = beds.map((bed, at): [string, number] => [`µs with ${bed.length}`, median(costs[at] ?? [])]);
    const ratio = median((costs[1] ?? []).map((long, round) => long / (costs[0]?.[round] ?? Number.NaN)));
    console.log(row(String(batch), { ...Object.fromEntries(figures), ratio }));
  }
  console.log('wanted   < 50 µs with either, ratio ≤ 1.5');
  await Promise.all(beds.map((bed) => bed.store.close()));
});
