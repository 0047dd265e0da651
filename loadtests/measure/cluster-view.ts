import type { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { wait } from '../../shared/protocol/client/wait.ts';
import type { CapacityLevel } from '../../shared/workflow/capacity-level.ts';

/** What the cluster says of itself at one moment. */
export interface ClusterView {
  /** Unix ms. */
  at: number;
  level: CapacityLevel | null;
  activeUsers: number | null;
  activeWorkflows: number | null;
  queueLength: number | null;
  /** Empty without an administrator's token. */
  replicas: Array<{ id: string; sockets: number; runs: number; eventLoopDelayMs: number; redisLatencyMs: number }>;
}

/** Asks once; null: no answer, which is a hole in the picture and no fault of a user. */
async function viewOf(api: ApiClient, isAdmin: boolean): Promise<ClusterView | null> {
  try {
    if (!isAdmin) {
      const { capacity, queue } = await api.status();
      return {
        at: Date.now(),
        level: capacity.level,
        activeUsers: capacity.active_users,
        activeWorkflows: capacity.active_workflows,
        queueLength: queue.length,
        replicas: [],
      };
    }
    const capacity = await api.capacity();
    return {
      at: Date.now(),
      level: capacity.level,
      activeUsers: capacity.active_users,
      activeWorkflows: capacity.active_workflows,
      queueLength: capacity.queue_length,
      replicas: capacity.replicas.map((replica) => ({
        id: replica.id,
        sockets: replica.sockets,
        runs: replica.runs,
        eventLoopDelayMs: replica.event_loop_delay_ms,
        redisLatencyMs: replica.redis_latency_ms,
      })),
    };
  } catch {
    return null;
  }
}

/** Asks every `everyMs` until `signal` aborts. */
export async function watchCluster(
  options: { api: ApiClient; isAdmin: boolean; everyMs: number; signal: AbortSignal },
  see: (view: ClusterView) => void,
): Promise<void> {
  while (!options.signal.aborted) {
    const view = await viewOf(options.api, options.isAdmin);
    if (view !== null) see(view);
    await wait(options.everyMs, options.signal).catch(() => {});
  }
}
