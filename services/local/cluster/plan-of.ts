import { findBinaries, placesOfThisMachine, type ServerBinary } from '../servers/binaries.ts';
import { SERVER_NAMES } from '../servers/program-names.ts';
import { Ports } from '../state/ports.ts';
import { loadSecrets } from '../state/secrets.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { ClusterPlan } from './plan.ts';

/** The plan of the cluster in `state` for looking at it and stopping it: nothing is installed, a program that is gone is known by its name. */
export function planOf(state: StateDir, cluster: { httpPort: number; settings: Record<string, string> }): ClusterPlan {
  const { found } = findBinaries(SERVER_NAMES, placesOfThisMachine(state.system));
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
  };
}
