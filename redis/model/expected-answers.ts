import type { ClockedStore } from '../clocked-store.ts';
import type { CapacityModel } from './capacity-model.ts';

/** What the store answers to everybody who only looks. */
export async function readAnswers(store: ClockedStore, runIds: readonly string[]) {
  const [state, positions, queue, grants, samples] = await Promise.all([
    store.cluster.read(),
    store.queue.positions(runIds),
    store.queue.page(0, 1_000),
    store.cluster.runningGrants(),
    store.cluster.serviceSamples(),
  ]);
  // Redis gives the grants in no order.
  return { state, positions, queue, grants: grants.sort(byRunId), samples };
}

export type Answers = Awaited<ReturnType<typeof readAnswers>>;

export function expectedAnswers(model: CapacityModel, runIds: readonly string[]): Answers {
  const { queue, slots } = model.runs;
  const held = [...slots.held.values()];
  return {
    state: expectedClusterState(model),
    positions: runIds.length === 0 ? [] : model.positions(runIds),
    queue:
      model.generation === null
        ? []
        : queue.inOrder.map(({ runId, workflowId, place }) => ({ runId, workflowId, score: place })),
    grants: held
      .map(({ run, grantedAt }) => ({
        runId: run.runId,
        workflowId: run.workflowId,
        elapsedMs: model.now - grantedAt,
      }))
      .sort(byRunId),
    samples: [...slots.serviceTimes],
  };
}

function expectedClusterState({ generation, limits, crowd, runs, now }: CapacityModel): Answers['state'] {
  if (generation === null || limits === null) return { kind: 'rebuilding' };
  const { sequence = 0, since = 0 } = crowd.level.known ?? {};
  const alive = [...crowd.replicas.values()].filter(({ until }) => until > now);
  return {
    kind: 'state',
    limits,
    level: {
      level: crowd.level.current,
      sequence,
      since,
      activeUsers: crowd.activeUsers,
      maxUsers: limits.max_users,
    },
    slotsHeld: runs.slots.held.size,
    readyLength: runs.slots.ready.length,
    queueLength: runs.queue.length,
    leader: null,
    replicas: alive
      .sort((one, other) => one.until - other.until || compare(one.report.id, other.report.id))
      .map(({ report }) => report),
    estimate: null,
  };
}

const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other));
const byRunId = (one: { runId: string }, other: { runId: string }) => compare(one.runId, other.runId);
