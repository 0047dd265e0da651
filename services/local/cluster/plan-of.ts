import { findBinaries, placesOfThisMachine, type ServerBinary } from '../servers/binaries.ts';
import { MONITORING_NAMES, SERVER_NAMES } from '../servers/program-names.ts';
import type { ClusterFile } from '../state/cluster-file.ts';
import { Ports } from '../state/ports.ts';
import { loadSecrets } from '../state/secrets.ts';
import type { StateDir } from '../state/state-dir.ts';
import { monitoringPlan } from './monitoring/plan.ts';
import type { ClusterPlan } from './plan.ts';

/** The plan of the cluster in `state` for looking at it and stopping it: nothing is installed, a program that is gone is known by its name. */
export function planOf(state: StateDir, cluster: Omit<ClusterFile, 'replicas'>): ClusterPlan {
  const places = placesOfThisMachine(state.system);
  const { found } = findBinaries(SERVER_NAMES, places);
  const named = (path: string): ServerBinary => ({ path, environment: {} });
  return {
    state,
    binaries: {
      postgres: found.postgres ?? named('postgres'),
      redis: found.redis ?? named('redis-server'),
      nginx: found.nginx ?? named('nginx'),
    },
    ports: new Ports(state),
    secrets: loadSecrets(state),
    httpPort: cluster.httpPort,
    settings: cluster.settings,
    durable: true,
    standby: false,
    monitoring:
      cluster.monitoring === undefined
        ? null
        : monitoringPlan(findBinaries(MONITORING_NAMES, places).found, { alerting: cluster.monitoring.alerting }),
  };
}
