import { randomUUID } from 'node:crypto';
import type { Database } from '../../../db/database.ts';
import { migrateToLatest } from '../../../db/migrate.ts';
import type { RunRow } from '../../../db/repositories/run-row.ts';
import type { RedisStore } from '../../../redis/store.ts';
import { toAdmitEntry } from '../../../services/dispatcher/to-admit-entry.ts';
import { createExecutors } from '../../../services/worker/create-executors.ts';
import { Worker, type WorkerDeps } from '../../../services/worker/worker.ts';
import { createMetrics, type Metrics } from '../../../shared/observability/metrics.ts';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import type { Step } from '../../../shared/workflow/definition.ts';
import { isFinal } from '../../../shared/workflow/run-state.ts';
import { openDatabase } from '../db/open-database.ts';
import { newRun } from '../new-run.ts';
import { testDatabase } from '../postgres.ts';
import { type LogLine, recordedLog } from '../recorded-log.ts';
import { testRedis } from '../redis.ts';
import { shiftClock, shiftedStore } from '../shifted-store.ts';
import { startRun } from '../start-run.ts';
import { until } from '../until.ts';
import { testModels } from './test-models.ts';

/** A worker with connections of its own, as in a process of its own. */
export interface RigWorker {
  worker: Worker;
  metrics: Metrics;
  lines: LogLine[];
  /** Cuts it off from everything in mid-work, as `kill -9` would: nothing it still wants to write arrives. */
  kill(): Promise<void>;
}

export interface RigOptions {
  /** Servers of the test's own; default: those of the run. */
  databaseUrl?: string;
  redisUrl?: string;
  /** Base URL of a model provider, without `/v1`. */
  modelUrl?: string;
}

export interface RigWorkerOptions extends Partial<Omit<WorkerDeps, 'slots'>> {
  /** Hosts that webhooks may call. */
  hosts?: string[];
  /** Puts something between the worker and its slots. */
  slots?(real: RedisStore['slots']): WorkerDeps['slots'];
  start?: boolean;
}

const LIMITS = {
  max_users: 100,
  max_workflows: 100,
  hard_limit_users: 0,
  queue_max: 1_000,
  queue_max_per_user: 1_000,
  queue_timeout_seconds: 300,
  drain_per_second: 1_000,
};
const EPOCH = 1;

/** What a worker needs around it: a database, a Redis whose clock can be moved, and what the API and the leader would do. */
export class WorkerRig {
  readonly user = 'ada';
  readonly frames: EventFrame[] = [];
  private readonly workers: RigWorker[] = [];
  private readonly closers: Array<() => Promise<unknown>> = [];
  private clockMs = 0;

  private constructor(
    readonly db: Database,
    readonly redis: RedisStore,
    private readonly urls: { database: string; redis: string; prefix: string; model: string },
  ) {}

  static async start(options: RigOptions = {}): Promise<WorkerRig> {
    const [database, redis] = [await testDatabase({ migrated: true }), await testRedis()];
    const urls = {
      database: options.databaseUrl ?? database.url,
      redis: options.redisUrl ?? redis.url,
      prefix: redis.prefix,
      model: options.modelUrl ?? '',
    };
    if (options.databaseUrl !== undefined) await migrateToLatest(options.databaseUrl);
    const rig = new WorkerRig(openDatabase(urls.database), shiftedStore(urls), urls);
    rig.closers.push(
      () => redis.close(),
      () => database.close(),
      () => rig.db.close(),
      () => rig.redis.close(),
    );
    await rig.redis.connections.ready();
    await rig.redis.rebuild.begin(EPOCH);
    await rig.redis.rebuild.finish(EPOCH, { generation: randomUUID(), maxGrantNo: 0, limits: LIMITS });
    await rig.redis.events.open(rig.user);
    await rig.redis.channels.subscribeUser(rig.user, (frame) => rig.frames.push(frame));
    return rig;
  }

  /** Waits until nothing of a test is left for the next one, then ends its workers. */
  async finishTest(): Promise<void> {
    await this.slotsFree().finally(() => this.dismiss());
  }

  /** Ends all workers. */
  async dismiss(): Promise<void> {
    await Promise.all(this.workers.splice(0).map(({ kill }) => kill()));
  }

  async close(): Promise<void> {
    await this.dismiss();
    for (const close of this.closers.reverse()) await close();
  }

  /** A running worker; it looks for lapsed leases only when a test says so. */
  async worker(options: RigWorkerOptions = {}): Promise<RigWorker> {
    const { hosts = ['127.0.0.1!'], slots = (real) => real, start = true, ...deps } = options;
    const metrics = createMetrics();
    const log = recordedLog();
    const db = openDatabase(this.urls.database);
    const redis = shiftedStore(this.urls);
    await redis.connections.ready();
    const models = testModels(redis, {
      WEIR_LLM_PRIMARY_BASE_URL: this.urls.model === '' ? '' : `${this.urls.model}/v1`,
      WEIR_LLM_PRIMARY_MODEL: 'sim-1',
    });
    await models.board.start();
    const worker = new Worker({
      id: `worker-${this.workers.length + 1}`,
      runs: db.runs,
      slots: slots(redis.slots),
      events: redis.events,
      channels: redis.channels,
      executors: createExecutors({ WEIR_WEBHOOK_ALLOWED_HOSTS: hosts }, models.router),
      metrics: metrics.runs,
      log,
      concurrency: 50,
      graceSeconds: 0,
      ...deps,
    });
    const subscribed = new Promise<void>((resolve) => redis.channels.onResubscribed(resolve));
    if (start) await worker.start();
    const kill = async () => {
      await redis.close();
      await db.close();
      await worker.stop();
      await models.board.stop();
    };
    const entry = { worker, metrics, lines: log.lines, kill };
    this.workers.push(entry);
    if (redis.connections.subscriber.status !== 'ready') await subscribed;
    return entry;
  }

  /** Accepts and admits a run, as the API would; answers its id. */
  async submit(
    steps: Step[],
    options: { payload?: Record<string, unknown>; maxAttempts?: number } = {},
  ): Promise<string> {
    const workflow = await this.db.workflows.create({ name: 'Test', steps, createdBy: this.user });
    const run = newRun(workflow.id, {
      userId: this.user,
      stepCount: steps.length,
      payload: (options.payload as RunRow['payload']) ?? {},
      maxAttempts: options.maxAttempts ?? 3,
    });
    await startRun(this.db, this.redis, { ...run, correlationId: `correlation-${run.id}` });
    return run.id;
  }

  /** Redis loses its data, and the leader builds the state anew, with no run in it but these, which wait. */
  async losesRedis(waiting: readonly string[]): Promise<void> {
    await this.redis.rebuild.begin(EPOCH);
    const maxGrantNo = await this.db.runs.maxStartNo();
    await this.redis.rebuild.finish(EPOCH, { generation: randomUUID(), maxGrantNo, limits: LIMITS });
    await this.redis.queue.admit((await this.db.runs.getMany(waiting)).map(toAdmitEntry));
  }

  /** Cancels as the API would, in its order. */
  async cancel(runId: string): Promise<void> {
    await this.db.runs.cancel(runId, null);
    await this.redis.queue.cancel(runId);
  }

  /** Lets more than one lease pass, and the leader rescue what has lapsed; answers the runs rescued. */
  async lapse(): Promise<string[]> {
    const rescued: string[] = [];
    for (let step = 0; step < 4; step++) rescued.push(...(await this.tick()));
    return rescued;
  }

  /** A good quarter of a lease passes (longer leaps would look like an outage to the leader), then it looks for lapsed ones. */
  async tick(): Promise<string[]> {
    this.clockMs += 4_500;
    await shiftClock(this.redis, this.urls.prefix, this.clockMs);
    const result = await this.redis.slots.rescue(EPOCH);
    return result.kind === 'rescued' ? result.runIds : [];
  }

  async run(runId: string): Promise<RunRow> {
    const row = await this.db.runs.get(runId);
    if (row === null) throw new Error(`there is no run ${runId}`);
    return row;
  }

  /** The run once it has ended. */
  ended(runId: string, timeoutMs = 10_000): Promise<RunRow> {
    const look = async () => {
      const row = await this.run(runId);
      return isFinal(row.status) && row;
    };
    return until(look, { timeoutMs, what: `run ${runId} to end` });
  }

  /** Resolves when no run holds a slot any more. */
  async slotsFree(): Promise<void> {
    const look = async () => {
      const state = await this.redis.cluster.read();
      return state.kind === 'state' && state.slotsHeld === 0 && state.readyLength === 0;
    };
    await until(look, { timeoutMs: 5_000, what: 'all slots to be free' });
  }

  /** The user's frames about a run so far, as `TYPE` or, for steps, `STEP <name> <status>`. */
  story(runId: string): string[] {
    return this.frames.flatMap((frame) => {
      if (!('run_id' in frame.data) || frame.data.run_id !== runId) return [];
      return [frame.type === 'WORKFLOW_STEP' ? `STEP ${frame.data.step} ${frame.data.status}` : frame.type];
    });
  }

  /** Resolves when the user has heard of the run's end. */
  async told(runId: string): Promise<void> {
    const end = /COMPLETED|FAILED|CANCELLED/;
    await until(() => this.story(runId).some((type) => end.test(type)), {
      timeoutMs: 5_000,
      what: 'the terminal event',
    });
  }
}
