import type { CapacityState } from '../../../redis/results.ts';
import type { CapacityAnswer } from '../../../shared/protocol/http.ts';

/** The cluster's capacity as the admin API shows it. */
export function capacityAnswer(state: CapacityState): CapacityAnswer {
  return {
    limits: state.limits,
    level: state.level.level,
    level_since: state.level.since > 0 ? new Date(state.level.since).toISOString() : null,
    active_users: state.level.activeUsers,
    active_workflows: state.slotsHeld,
    ready_workflows: state.readyLength,
    queue_length: state.queueLength,
    leader: state.leader,
    replicas: state.replicas.map((replica) => ({
      id: replica.id,
      version: replica.version,
      roles: replica.roles,
      sockets: replica.sockets,
      runs: replica.runs,
      event_loop_delay_ms: replica.eventLoopDelayMs,
      redis_latency_ms: replica.redisLatencyMs,
      draining: replica.draining ?? false,
    })),
  };
}
