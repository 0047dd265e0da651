import { randomUUID } from 'node:crypto';
import { createDatabase } from '../../db/database.ts';
import type { AdmitEntry, Admitted } from '../../redis/results.ts';
import type { RunQueue } from '../../redis/run-queue.ts';
import { createRedisStore } from '../../redis/store.ts';
import { type Admission, createAdmission } from '../../services/api/admission/create-admission.ts';
import type { StartRequest } from '../../services/api/admission/start-request.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import type { BenchServers } from './bench-servers.ts';

/** Bounds so wide that nothing is refused. */
const UNBOUNDED = 100_000_000;
const USERS = 25;
const PREFIX = 'bench';

/** What a replica puts behind its door, without the door: real admission over real servers. */
export interface AdmissionRig {
  /** Accepts one run of the next user in turn. */
  start(): Promise<unknown>;
  /** The same start with everything it needs but capacity: the run is stored, and Redis is not asked whether it may begin. */
  startUntracked(): Promise<unknown>;
  /** Hears how long (ms) Redis took to admit how many runs. */
  onAdmit(hear: (ms: number, runs: number) => void): void;
  /** Empties Redis and begins a new capacity state with this many slots. Every user has a stream, as with a socket open. */
  reset(slots: number): Promise<void>;
  close(): Promise<void>;
}

export async function openAdmission(servers: BenchServers): Promise<AdmissionRig> {
  const log = createLogger({ level: 'error', fields: {} });
  const metrics = createMetrics();
  const settings = { WEIR_DATABASE_URL: servers.postgres.url, WEIR_DATABASE_POOL_SIZE: 10 };
  const database = createDatabase(settings, metrics, log);
  const redis = createRedisStore({ url: servers.redis.url, prefix: PREFIX, log });
  await redis.connections.ready();
  const limits = {
    max_users: UNBOUNDED,
    max_workflows: 0,
    hard_limit_users: 0,
    queue_max: UNBOUNDED,
    queue_max_per_user: UNBOUNDED,
    queue_timeout_seconds: 86_400,
    drain_per_second: UNBOUNDED,
  };
  let hear: (ms: number, runs: number) => void = () => {};
  const withAdmit = (admit: RunQueue['admit']) => {
    const queue: RunQueue = Object.assign(Object.create(redis.queue), { admit });
    return createAdmission({ redis: { ...redis, queue }, database, metrics, log, seedLimits: limits, maxAttempts: 3 });
  };
  const admission = withAdmit(async (runs) => {
    const begun = performance.now();
    const admitted = await redis.queue.admit(runs);
    hear(performance.now() - begun, runs.length);
    return admitted;
  });
  const untracked = withAdmit(async (runs) => allStart(runs));
  const services = [...admission.services, ...untracked.services];
  for (const service of services) await service.start();

  const users = Array.from({ length: USERS }, (_, user) => `user-${user}`);
  const workflow: StartRequest['workflow'] = {
    id: randomUUID(),
    name: 'bench',
    steps: [{ name: 'wait', type: 'delay', config: { duration: 1 } }],
  };
  let count = 0;
  let epoch = 0;
  const startIn = ({ submit }: Admission) => {
    const userId = users[count++ % USERS] ?? '';
    return submit.submit({
      userId,
      workflow,
      payload: { question: 'how fast?' },
      priority: 'normal',
      idempotencyKey: null,
      requestHash: '',
      correlationId: `bench-${count}`,
    });
  };
  return {
    start: () => startIn(admission),
    startUntracked: () => startIn(untracked),
    onAdmit(listener) {
      hear = listener;
    },
    async reset(slots) {
      await redis.connections.command.flushall();
      epoch += 1;
      await redis.rebuild.begin(epoch);
      await redis.rebuild.finish(epoch, {
        generation: `bench-${epoch}`,
        maxGrantNo: 0,
        limits: { ...limits, max_workflows: slots },
      });
      await Promise.all(users.map((user) => redis.events.open(user)));
      await admission.view.readNow();
    },
    async close() {
      for (const service of services.reverse()) await service.stop();
      await Promise.all([redis.close(), database.close()]);
    },
  };
}

/** What Redis says when there is room for everybody. */
function allStart(runs: readonly AdmitEntry[]): Admitted {
  return { kind: 'admitted', results: runs.map(() => ({ kind: 'started' })), level: 'normal', queueLength: 0 };
}
