import type { Redis } from 'ioredis';
import { type Limits, limitsSchema } from '../shared/protocol/http.ts';
import type { Keys } from './keys.ts';
import { LEASES } from './leases.ts';
import { toLevelState } from './level-state.ts';
import { leaderRefusal, REBUILDING } from './refusal.ts';
import type {
  CapacityState,
  EstimateCurve,
  LevelState,
  Rebuilding,
  ReplicaReport,
  RunningGrant,
  ServiceSample,
  StaleEpoch,
} from './results.ts';
import type { ScriptRunner } from './script-runner.ts';
import { RedisUnavailable } from './unavailable.ts';

/** Life (ms) of a published estimate: without a leader to renew it, none is better than an old one. */
const ESTIMATE_LIFE_MS = 5_000;

/** The cluster as a whole: limits, level, replicas, leader, and what estimates are made of. */
export class ClusterState {
  private readonly announce: string;
  private readonly wake: string;

  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: Keys,
    private readonly redis: Redis,
  ) {
    this.announce = keys.channel('announce');
    this.wake = keys.channel('wake');
  }

  /** Everything of one instant. */
  async read(): Promise<CapacityState | Rebuilding> {
    const reply = await this.scripts.capacity('readState');
    if (typeof reply === 'number') return REBUILDING;
    const [limits, level, [slotsHeld = 0, readyLength = 0, queueLength = 0], leader, estimate, reports] = reply;
    return {
      kind: 'state',
      limits: parseLimits(limits),
      level: toLevelState(level),
      slotsHeld,
      readyLength,
      queueLength,
      leader: leader === null ? null : (JSON.parse(leader) as CapacityState['leader']),
      replicas: reports.map((report) => JSON.parse(report) as ReplicaReport),
      estimate: estimate === null ? null : (JSON.parse(estimate) as EstimateCurve),
    };
  }

  /** Takes effect in the next script of any replica; the level follows at once. Postgres is to have them first: a rebuild takes them from there. */
  async setLimits(limits: Limits): Promise<LevelState> {
    return toLevelState(
      await this.scripts.capacity('setLimits', this.announce, this.wake, ...Object.entries(limits).flat()),
    );
  }

  /** Leader only, every second: ends lapsed leases of users and replicas, lets the level fall. */
  async refreshLevel(epoch: number): Promise<LevelState | StaleEpoch | Rebuilding> {
    const reply = await this.scripts.capacity('refreshLevel', epoch, this.announce);
    return typeof reply === 'number' ? leaderRefusal(reply) : toLevelState(reply);
  }

  /** Heartbeat of a replica, every `LEASES.replica.renewEveryMs`. */
  async report(report: ReplicaReport): Promise<LevelState> {
    const { id, eventLoopDelayMs, redisLatencyMs } = report;
    const json = JSON.stringify(report);
    return toLevelState(
      await this.scripts.capacity(
        'reportReplica',
        this.announce,
        id,
        LEASES.replica.lengthMs,
        json,
        eventLoopDelayMs,
        redisLatencyMs,
      ),
    );
  }

  /** Says who leads, for people, for the length of the leader's lease. */
  async publishLeader(leader: { replica: string; epoch: number }): Promise<void> {
    await this.ask(
      this.redis.set(this.keys.capacity('leaderInfo'), JSON.stringify(leader), 'PX', LEASES.leader.lengthMs),
    );
  }

  /** Leader only; lasts 5 s. */
  async publishEstimate(curve: EstimateCurve): Promise<void> {
    await this.ask(this.redis.set(this.keys.capacity('estimate'), JSON.stringify(curve), 'PX', ESTIMATE_LIFE_MS));
  }

  /** Service times of finished runs, newest first, at most 512. */
  async serviceSamples(): Promise<ServiceSample[]> {
    const samples = await this.ask(this.redis.lrange(this.keys.capacity('serviceTimes'), 0, -1));
    return samples.map((sample) => {
      const [workflowId = '', ms] = sample.split(':');
      return { workflowId, ms: Number(ms) };
    });
  }

  /** The runs that hold a slot. Empty while rebuilding. */
  async runningGrants(): Promise<RunningGrant[]> {
    const [now, ...runs] = await this.scripts.capacity('readGrants');
    return Array.from({ length: runs.length / 3 }, (_, index) => ({
      runId: String(runs[3 * index]),
      workflowId: String(runs[3 * index + 1]),
      elapsedMs: now - Number(runs[3 * index + 2]),
    }));
  }

  /** The Redis clock, Unix ms. */
  async now(): Promise<number> {
    const [seconds, microseconds] = await this.ask(this.redis.time());
    return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  }

  private async ask<Reply>(reply: Promise<Reply>): Promise<Reply> {
    try {
      return await reply;
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }
}

/** `[name, value, …]`; limits of a later release are passed over. */
function parseLimits(flat: readonly string[]): Limits {
  const numbers: Record<string, number> = {};
  for (let at = 0; at < flat.length; at += 2) numbers[flat[at] ?? ''] = Number(flat[at + 1]);
  return limitsSchema.parse(numbers);
}
