import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Database } from '../../../db/database.ts';
import type { LeanRun, RunRow } from '../../../db/repositories/run-row.ts';
import type { NewRun } from '../../../db/repositories/runs-insertion.ts';
import type { AdmitResult, ReadyRun } from '../../../redis/results.ts';
import type { RedisStore } from '../../../redis/store.ts';
import { createDispatcher } from '../../../services/dispatcher/dispatcher.ts';
import { toAdmitEntry } from '../../../services/dispatcher/to-admit-entry.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import { createMetrics, type Metrics } from '../../../shared/observability/metrics.ts';
import type { Limits } from '../../../shared/protocol/http.ts';
import { openDatabase } from '../db/open-database.ts';
import { metricValue } from '../metric-value.ts';
import { newRun } from '../new-run.ts';
import { testDatabase } from '../postgres.ts';
import { recordedLog } from '../recorded-log.ts';
import { testRedis } from '../redis.ts';
import { shiftClock, shiftedStore } from '../shifted-store.ts';
import { until } from '../until.ts';

const STEPS = [{ name: 'wait', type: 'delay' as const, config: { duration: 0 } }];

/** A dispatcher with connections of its own, as in a process of its own. */
export interface RigDispatcher {
  service: Service;
  store: RedisStore;
  metrics: Metrics;
  log: ReturnType<typeof recordedLog>;
  /** Gently, as on SIGTERM. */
  stop(): Promise<void>;
  /** Cuts it off from everything in mid-work, as `kill -9` would: the lock stays behind, and nothing it still wants to write arrives. */
  kill(): Promise<void>;
}

export interface RigOptions {
  /** A Redis of the caller's own; left out: a fresh prefix on the shared one. */
  redisUrl?: string;
  limits?: Partial<Limits>;
}

/** What a leader has around it: Postgres, a Redis whose clock can be moved, and what the API and workers would do. */
export class DispatcherRig {
  readonly user = 'ada';
  readonly metrics = createMetrics();
  readonly log = recordedLog();
  private readonly dispatchers: RigDispatcher[] = [];
  private clockMs = 0;

  private constructor(
    readonly db: Database,
    readonly sql: pg.Client,
    readonly redis: RedisStore,
    readonly limits: Limits,
    private readonly workflowId: string,
    private readonly urls: { database: string; redis: string; prefix: string },
    private readonly closers: Array<() => Promise<unknown>>,
  ) {}

  static async open(options: RigOptions = {}): Promise<DispatcherRig> {
    const database = await testDatabase({ migrated: true });
    const keys =
      options.redisUrl === undefined
        ? await testRedis()
        : { url: options.redisUrl, prefix: 'test', close: async () => {} };
    const urls = { database: database.url, redis: keys.url, prefix: keys.prefix };
    const db = openDatabase(urls.database);
    const redis = shiftedStore(urls);
    await redis.connections.ready();
    const sql = new pg.Client({ connectionString: urls.database });
    await sql.connect();
    const workflow = await db.workflows.create({ name: 'Test', steps: STEPS, createdBy: 'ada' });
    const limits = {
      max_users: 100,
      max_workflows: 2,
      hard_limit_users: 0,
      queue_max: 10_000,
      queue_max_per_user: 10_000,
      queue_timeout_seconds: 300,
      drain_per_second: 1_000,
      ...options.limits,
    };
    const closers = [
      () => redis.close(),
      () => db.close(),
      () => sql.end(),
      () => keys.close(),
      () => database.close(),
    ];
    return new DispatcherRig(db, sql, redis, limits, workflow.id, urls, closers);
  }

  async close(): Promise<void> {
    await Promise.all(this.dispatchers.map((dispatcher) => dispatcher.kill()));
    for (const close of this.closers) await close();
  }

  /** Opens an empty generation, as the first leader would. */
  async openGeneration(epoch: number): Promise<void> {
    await this.redis.rebuild.begin(epoch);
    await this.redis.rebuild.finish(epoch, { generation: randomUUID(), maxGrantNo: 0, limits: this.limits });
  }

  dispatcher(replica = `replica-${this.dispatchers.length + 1}`): RigDispatcher {
    const log = recordedLog();
    const metrics = createMetrics();
    const store = shiftedStore(this.urls);
    const database = openDatabase(this.urls.database);
    const service = createDispatcher({ replica, store, database, defaultLimits: this.limits, metrics, log });
    const close = async () => {
      await store.close();
      await database.close();
    };
    const dispatcher = {
      service,
      store,
      metrics,
      log,
      stop: async () => {
        await service.stop();
        await close();
      },
      kill: async () => {
        await close();
        await service.stop();
      },
    };
    this.dispatchers.push(dispatcher);
    return dispatcher;
  }

  /** Stores runs in Postgres alone, one after the other; answers them in order. `ageMs`: how long ago the first was accepted. */
  async accept(count: number, changes: Partial<NewRun> & { ageMs?: number } = {}): Promise<LeanRun[]> {
    const { ageMs = 0, ...rest } = changes;
    const run = { userId: this.user, stepCount: STEPS.length, ...rest };
    const items = Array.from({ length: count }, () => newRun(this.workflowId, run));
    await this.db.runs.insertBatch(items);
    const ids = items.map((item) => item.id);
    await this.sql.query(
      `UPDATE runs SET accepted_at = accepted_at + age, expires_at = expires_at + age
       FROM (SELECT id AS aged, (ord - 1 - $2) * interval '1 millisecond' AS age FROM unnest($1::uuid[]) WITH ORDINALITY AS u(id, ord)) AS ages
       WHERE id = aged`,
      [ids, ageMs],
    );
    const rows = new Map((await this.db.runs.getMany(ids)).map((run) => [run.id, run]));
    return ids.flatMap((id) => rows.get(id) ?? []);
  }

  async admit(runs: readonly LeanRun[]): Promise<AdmitResult[]> {
    const admitted = await this.redis.queue.admit(runs.map(toAdmitEntry));
    if (admitted.kind === 'rebuilding') throw new Error('rebuilding');
    return admitted.results;
  }

  /** Until the leader's next round, slots do not change hands without it. */
  async withdrawWord(): Promise<void> {
    await this.redis.connections.command.del(`${this.urls.prefix}:{cap}:permit`);
  }

  /** Ids in the ready list, next first. */
  async ready(): Promise<string[]> {
    const lines = await this.redis.connections.command.lrange(`${this.urls.prefix}:{cap}:ready`, 0, -1);
    return lines.map((line) => line.split(':')[0] ?? '');
  }

  /** Takes the next ready run and begins it, as a worker would. */
  async begin(timeoutMs = 5_000): Promise<{ ready: ReadyRun; run: RunRow }> {
    const signal = new AbortController().signal;
    const ready = await until(async () => (await this.redis.slots.take(1, signal))[0], {
      timeoutMs,
      what: 'a run to be ready',
    });
    const { grantNo, grantedAt } = ready;
    const [claimed] = await this.db.runs.claim([{ runId: ready.runId, worker: 'worker', grantNo, grantedAt }]);
    if (claimed?.kind !== 'claimed') throw new Error(`claim: ${claimed?.kind}`);
    await this.redis.slots.renew([{ runId: ready.runId, attempt: claimed.run.attempt }]);
    return { ready, run: claimed.run };
  }

  /** Ends a run that was begun; `ms`: its service time. */
  async end(run: Pick<RunRow, 'id' | 'attempt' | 'workflowId'>, ms = 1_000): Promise<void> {
    const { id: runId, attempt, workflowId } = run;
    await this.db.runs.finish({ runId, attempt, status: 'succeeded', result: null, error: null });
    await this.redis.slots.release([{ runId, attempt, sample: { workflowId, ms } }]);
  }

  async status(runId: string): Promise<string | undefined> {
    return (await this.db.runs.get(runId))?.status;
  }

  async slotsHeld(): Promise<number> {
    return (await this.state()).slotsHeld;
  }

  async queueLength(): Promise<number> {
    return (await this.state()).queueLength;
  }

  /** Queued ids in the order of the queue. */
  queued(): Promise<string[]> {
    return this.redis.queue.listQueued(0, 1_000);
  }

  /** Moves the clock of all scripts. */
  async moveClock(ms: number): Promise<void> {
    this.clockMs += ms;
    await shiftClock(this.redis, this.urls.prefix, this.clockMs);
  }

  /** Lets time pass with the leader at its post: in steps, each of which it has noticed. */
  async passTime(ms: number): Promise<void> {
    const { command } = this.redis.connections;
    const pulse = async () => Number(await command.hget(`${this.urls.prefix}:{cap}:rescue-pulse`, 'at'));
    for (let left = ms; left > 0; left -= 5_000) {
      await this.moveClock(Math.min(left, 5_000));
      const moved = (await this.redis.cluster.now()) + this.clockMs;
      await until(async () => (await pulse()) >= moved, {
        timeoutMs: 5_000,
        what: 'the leader to look for lapsed leases',
      });
    }
  }

  /** Resolves when the scripts decide again. */
  async generationOpen(timeoutMs = 5_000): Promise<void> {
    await until(async () => !(await this.redis.rebuild.isMissing()), { timeoutMs, what: 'the state to be built' });
  }

  /** The one that leads, of those not yet stopped. */
  leader(timeoutMs = 8_000): Promise<RigDispatcher> {
    const look = async () => {
      for (const dispatcher of this.dispatchers) {
        if ((await metricValue(dispatcher.metrics.capacity.leader)) === 1) return dispatcher;
      }
      return null;
    };
    return until(look, { timeoutMs, what: 'somebody to lead' });
  }

  private async state() {
    const state = await this.redis.cluster.read();
    if (state.kind === 'rebuilding') throw new Error('rebuilding');
    return state;
  }
}
