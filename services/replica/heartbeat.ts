import type { Channels } from '../../redis/channels.ts';
import type { RedisConnections } from '../../redis/client.ts';
import type { ClusterState } from '../../redis/cluster-state.ts';
import { LEASES } from '../../redis/leases.ts';
import type { Service } from '../../shared/lifecycle/service.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { ClusterGauges, type ClusterGaugesDeps } from './cluster-gauges.ts';
import { LevelChanges } from './level-changes.ts';
import { Vitals } from './vitals.ts';

export interface HeartbeatDeps {
  replica: string;
  version: string;
  roles: readonly string[];
  cluster: Pick<ClusterState, 'report' | 'read'>;
  runs: ClusterGaugesDeps['runs'];
  channels: Pick<Channels, 'onAnnounce'>;
  connections: Pick<RedisConnections, 'ping' | 'up'>;
  /** Open sockets and runs in hand of this process. */
  load(): { sockets: number; runs: number };
  metrics: Pick<Metrics, 'process' | 'capacity' | 'redis'>;
  log: Logger;
}

/** Tells the cluster every 5 s that this replica lives and how it fares, and shows the cluster's state in this replica's metrics. */
export class Heartbeat implements Service {
  readonly name = 'heartbeat';
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> | undefined;
  private unlisten: (() => void) | undefined;
  private readonly vitals: Vitals;
  private readonly gauges: ClusterGauges;
  private readonly levels: LevelChanges;

  constructor(private readonly deps: HeartbeatDeps) {
    const { cluster, runs, metrics } = deps;
    this.vitals = new Vitals(metrics.process);
    this.levels = new LevelChanges(metrics.capacity.levelChanges);
    this.gauges = new ClusterGauges({ cluster, runs, levels: this.levels, metrics: metrics.capacity });
  }

  async start(): Promise<void> {
    this.vitals.start();
    this.unlisten = this.deps.channels.onAnnounce((state) => this.levels.observe(state));
    this.timer = setInterval(() => this.tick(), LEASES.replica.renewEveryMs);
    this.tick();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.unlisten?.();
    this.vitals.stop();
    await this.beating;
    // Nobody is to count on it while it winds down; its report lapses by itself.
    await this.report(0, true).catch((error: unknown) => this.deps.log.debug('the end was not reported', { error }));
  }

  /** One beat at a time: with Redis hanging they would pile up. */
  private tick(): void {
    this.beating ??= this.beat().finally(() => {
      this.beating = undefined;
    });
  }

  private async beat(): Promise<void> {
    const { log } = this.deps;
    const { eventLoopDelayMs } = this.vitals.look();
    await Promise.all([
      this.report(eventLoopDelayMs).catch((error: unknown) => log.debug('heartbeat not delivered', { error })),
      this.gauges.showOldest().catch((error: unknown) => log.debug('the longest wait is not known', { error })),
    ]);
  }

  private async report(eventLoopDelayMs: number, draining = false): Promise<void> {
    const { replica, version, roles, cluster, connections, metrics } = this.deps;
    metrics.redis.up.set(connections.up ? 1 : 0);
    const redisLatencyMs = await connections.ping();
    metrics.redis.latency.set(redisLatencyMs / 1_000);
    await cluster.report({
      id: replica,
      version,
      roles: [...roles],
      ...this.deps.load(),
      eventLoopDelayMs,
      redisLatencyMs,
      ...(draining ? { draining } : {}),
    });
    await this.gauges.showState();
  }
}
