import type { ClusterReplica } from '../../../services/local/local-cluster.ts';
import type { Scene } from '../scene.ts';
import { clockOff } from './clock-faults.ts';
import { between, type Fault } from './fault.ts';
import { killedAtStep } from './leader-step-faults.ts';
import { LEADER_STEPS, type LeaderStepKind } from './leader-steps.ts';
import { type LinkFaultKind, linkFault } from './link-faults.ts';
import type { FaultKind, PlannedFault } from './plan.ts';
import * as postgresFaults from './postgres-faults.ts';
import { frozen, killed, stopped, ZOMBIE_MS } from './process-faults.ts';
import { hung } from './provider-faults.ts';
import * as redisFaults from './redis-faults.ts';
import { connectionsTaken } from './taken-connections.ts';

/** What a fault of each kind is; how long it lasts comes from the plan. */
const MAKERS: Record<
  Exclude<FaultKind, LinkFaultKind | LeaderStepKind>,
  (scene: Scene, planned: PlannedFault) => Fault | Promise<Fault>
> = {
  'replica-killed': ({ stage }, planned) =>
    killed(replicaVictim(stage.replica(planned.replica + 1), upTo(4_000, planned))),
  'leader-killed': async ({ stage }, planned) => killed(replicaVictim(await stage.leader(), upTo(4_000, planned))),
  'replica-frozen': ({ stage }, planned) => frozen(replicaVictim(stage.replica(planned.replica + 1), zombie(planned))),
  'leader-frozen': async ({ stage }, planned) => frozen(replicaVictim(await stage.leader(), zombie(planned))),
  'replica-stopped': ({ stage }, planned) =>
    stopped(replicaVictim(stage.replica(planned.replica + 1), upTo(2_000, planned))),
  'redis-killed': ({ cluster }, planned) =>
    killed({ target: 'redis', process: cluster.redis, holdMs: upTo(5_000, planned) }),
  'redis-restarted': ({ cluster }, planned) =>
    stopped({ target: 'redis', process: cluster.redis, holdMs: upTo(7_000, planned) }),
  'redis-emptied': ({ cluster }, planned) => redisFaults.emptied(cluster, upTo(3_000, planned)),
  'redis-restarted-empty': ({ cluster }, planned) => redisFaults.restartedEmpty(cluster, upTo(5_000, planned)),
  'redis-truncated': ({ cluster }, planned) => redisFaults.truncated(cluster, planned.length, upTo(2_000, planned)),
  'redis-paused': ({ cluster }, planned) => redisFaults.paused(cluster, upTo(6_000, planned)),
  'redis-frozen': ({ cluster }, planned) =>
    frozen({ target: 'redis', process: cluster.redis, holdMs: upTo(6_000, planned) }),
  'redis-full': ({ cluster }, planned) => redisFaults.full(cluster, upTo(5_000, planned)),
  'redis-read-only': ({ cluster }, planned) => redisFaults.readOnly(cluster, upTo(5_000, planned)),
  'postgres-killed': ({ cluster }, planned) =>
    killed({ target: 'postgres', process: cluster.postgres, holdMs: upTo(5_000, planned) }),
  'postgres-restarted': ({ cluster }, planned) =>
    stopped({ target: 'postgres', process: cluster.postgres, holdMs: upTo(5_000, planned) }),
  'postgres-frozen': ({ cluster }, planned) => postgresFaults.frozen(cluster.postgres, upTo(6_000, planned)),
  'postgres-cut': ({ cluster }, planned) => postgresFaults.cut(cluster.postgres, upTo(1_000, planned)),
  'postgres-read-only': ({ cluster }, planned) => postgresFaults.readOnly(cluster.postgres, upTo(5_000, planned)),
  'postgres-connections-taken': ({ cluster }, planned) => connectionsTaken(cluster.postgres, upTo(6_000, planned)),
  'postgres-disk-full': ({ cluster, disk }, planned) => {
    if (disk === null) throw new Error('Postgres has no disk of its own here.');
    return postgresFaults.diskFull(cluster, disk, upTo(6_000, planned));
  },
  'postgres-promoted': ({ cluster }, planned) =>
    postgresFaults.promoted(cluster, upTo(2_000, planned), upTo(3_000, planned)),
  'standby-killed': ({ cluster }, planned) => postgresFaults.standbyKilled(cluster, upTo(6_000, planned)),
  'clock-fast': (scene, planned) => clockOff(scene, replicaOf(scene, planned).id, 1, upTo(20_000, planned)),
  'clock-slow': (scene, planned) => clockOff(scene, replicaOf(scene, planned).id, -1, upTo(20_000, planned)),
  'provider-hung': ({ cluster }, planned) => hung(cluster.simulator, upTo(8_000, planned)),
};

/** Chooses the target where only the moment can say who it is (the leader). */
export async function makeFault(scene: Scene, planned: PlannedFault): Promise<Fault> {
  const { kind } = planned;
  if (isLinkFault(kind)) return linkFault(scene, { ...planned, kind }, upTo(LONGEST_LINK_MS, planned));
  if (isLeaderStep(kind)) return killedAtStep(scene, LEADER_STEPS[kind], upTo(4_000, planned));
  return MAKERS[kind](scene, planned);
}

/** Longer than a lease and what may still be on its way then (ms). */
const LONGEST_LINK_MS = ZOMBIE_MS + 2_000;

const isLinkFault = (kind: FaultKind): kind is LinkFaultKind => kind.startsWith('link-');
const isLeaderStep = (kind: FaultKind): kind is LeaderStepKind => kind in LEADER_STEPS;
const replicaOf = ({ stage }: Scene, { replica }: PlannedFault) => stage.replica(replica + 1);

const upTo = (longestMs: number, { length }: PlannedFault) => between(200, longestMs, length);
const zombie = ({ length }: PlannedFault) => between(ZOMBIE_MS, ZOMBIE_MS + 3_000, length);

function replicaVictim(process: ClusterReplica, holdMs: number) {
  return { target: process.id, process, holdMs };
}
