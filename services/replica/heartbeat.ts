import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { RedisConnections } from '../../redis/client.ts';
import type { ClusterState } from '../../redis/cluster-state.ts';
import { LEASES } from '../../redis/leases.ts';
import type { Service } from '../../shared/lifecycle/service.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { levelRank } from '../../shared/workflow/capacity-level.ts';

export interface HeartbeatDeps {
  replica: string;
  version: string;
  roles: readonly string[];
  cluster: Pick<ClusterState, 'report' | 'read'>;
  connections: Pick<RedisConnections, 'ping' | 'up'>;
  /** Open sockets and runs in hand of this process. */
  load(): { sockets: number; runs: number };
  metrics: Pick<Metrics, 'capacity' | 'redis'>;
  log: Logger;
}

/** Resolution of the event-loop histogram (ms). */
const LOOP_RESOLUTION_MS = 20;

/**
 * Tells the cluster every 5 s that this replica lives and how it fares, and shows the cluster's state in this replica's metrics.
 * Event-loop delay is the 99th percentile since the last beat, so one slow request does not look like overload.
 */
export class Heartbeat implements Service {
  readonly name = 'heartbeat';
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> | undefined;
  private readonly loop: IntervalHistogram = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });

  constructor(private readonly deps: HeartbeatDeps) {}

  async start(): Promise<void> {
    this.loop.enable();
    this.timer = setInterval(() => this.tick(), LEASES.replica.renewEveryMs);
    this.tick();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.loop.disable();
    await this.beating;
  }

  /** One beat at a time: with Redis hanging they would pile up. */
  private tick(): void {
    this.beating ??= this.beat().finally(() => {
      this.beating = undefined;
    });
  }

  private async beat(): Promise<void> {
    const { replica, version, roles, cluster, connections, metrics, log } = this.deps;
    const eventLoopDelayMs = Math.max(0, this.loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS);
    this.loop.reset();
    metrics.redis.up.set(connections.up ? 1 : 0);
    try {
      const redisLatencyMs = await connections.ping();
      metrics.redis.latency.set(redisLatencyMs / 1_000);
      await cluster.report({
        id: replica,
        version,
        roles: [...roles],
        ...this.deps.load(),
        eventLoopDelayMs,
        redisLatencyMs,
      });
      await this.showState();
    } catch (error) {
      log.debug('heartbeat not delivered', { error });
    }
  }

  private async showState(): Promise<void> {
    const state = await this.deps.cluster.read();
    if (state.kind !== 'state') return;
    const { capacity } = this.deps.metrics;
    capacity.users.set(state.level.activeUsers);
    capacity.maxUsers.set(state.limits.max_users);
    capacity.slots.set(state.slotsHeld);
    capacity.maxSlots.set(state.limits.max_workflows);
    capacity.ready.set(state.readyLength);
    capacity.queueLength.set(state.queueLength);
    capacity.level.set(levelRank(state.level.level));
  }
}
