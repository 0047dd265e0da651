import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { BenchServers } from '../bench-servers.ts';
import { type Engine, type JobData, jobData, type OpenEngine, Workshop } from './engine.ts';

const FILL_AT_ONCE = 5_000;

/** BullMQ as most have it: Redis writes to disk once a second, so the last second of accepted jobs may be lost. */
export const openBullmq: OpenEngine = (servers, workMs) => open(servers, workMs, 'everysec');

/** BullMQ with an accepted job as safe as in Postgres: Redis writes each to disk before it answers. */
export const openDurableBullmq: OpenEngine = (servers, workMs) => open(servers, workMs, 'always');

async function open({ redis }: BenchServers, workMs: number, fsync: 'everysec' | 'always'): Promise<Engine> {
  const control = new Redis(redis.url);
  await control.flushall();
  await control.config('SET', 'appendfsync', fsync);
  const name = randomUUID();
  const connection = { host: '127.0.0.1', port: redis.port, password: redis.password };
  const queue = new Queue<JobData>(name, { connection });
  await queue.waitUntilReady();
  const workshop = new Workshop(workMs);
  let worker: Worker<JobData> | undefined;
  return {
    accept: () => queue.add('run', jobData()),
    async fill(count) {
      for (let left = count; left > 0; left -= FILL_AT_ONCE) {
        const jobs = Array.from({ length: Math.min(left, FILL_AT_ONCE) }, () => ({ name: 'run', data: jobData() }));
        await queue.addBulk(jobs);
      }
    },
    async work(slots) {
      await queue.setGlobalConcurrency(slots);
      worker = new Worker<JobData>(name, ({ data }) => workshop.work(data), { connection, concurrency: slots });
      await worker.waitUntilReady();
    },
    ended: async () => workshop.times.length,
    times: async () => workshop.times,
    async close() {
      await worker?.close();
      await queue.close();
      await control.config('SET', 'appendfsync', 'everysec');
      await control.flushall();
      control.disconnect();
    },
  };
}
