import { type EventLoopUtilization, type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { machineLimits } from './machine-limits.ts';

/** Resolution of the event-loop histogram (ms). */
const LOOP_RESOLUTION_MS = 20;

/** How the process fares, and what it has to live on. */
export class Vitals {
  private readonly loop: IntervalHistogram = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  private utilization: EventLoopUtilization = performance.eventLoopUtilization();

  constructor(private readonly metrics: Pick<Metrics, 'process'>['process']) {}

  start(): void {
    this.loop.enable();
  }

  stop(): void {
    this.loop.disable();
  }

  /**
   * Sets the metrics; answers the event-loop delay (ms), the 99th percentile since the last look, so that one slow request does not look like
   * overload.
   */
  look(): { eventLoopDelayMs: number } {
    const eventLoopDelayMs = Math.max(0, this.loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS);
    this.loop.reset();
    const now = performance.eventLoopUtilization();
    this.metrics.loopUtilization.set(performance.eventLoopUtilization(now, this.utilization).utilization);
    this.utilization = now;
    const { cpuCores, memoryBytes } = machineLimits();
    this.metrics.cpuLimit.set(cpuCores);
    this.metrics.memoryLimit.set(memoryBytes);
    return { eventLoopDelayMs };
  }
}
