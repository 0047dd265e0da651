import type { ProcessRef } from '../processes/process-ref.ts';
import type { ServerBinary } from '../servers/binaries.ts';
import type { ServerName } from '../servers/program-names.ts';
import type { Ports } from '../state/ports.ts';
import type { Secrets } from '../state/secrets.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { MonitoringPlan } from './monitoring/plan.ts';

/** Everything the parts of one cluster are made from. */
export interface ClusterPlan {
  state: StateDir;
  binaries: Record<ServerName, ServerBinary>;
  ports: Ports;
  secrets: Secrets;
  httpPort: number;
  /** `WEIR_*` and `ROLES` of every replica; they win over what the launcher would set. */
  settings: Readonly<Record<string, string>>;
  /** Further settings of one replica (tests: other roles, other limits). */
  settingsOf?: (replica: string) => Readonly<Record<string, string>>;
  /** false: Postgres without fsync (tests). */
  durable: boolean;
  /** Postgres has a synchronous standby (tests). */
  standby: boolean;
  /** Where something stands between two parts (tests): the port at which `from` finds `to`, which itself listens on `port`. */
  portSeenBy?: (from: string, to: string, port: number) => Promise<number>;
  /** null: the cluster is not watched. */
  monitoring: MonitoringPlan | null;
  onSpawn?: (ref: ProcessRef) => void;
}

export function replicaName(index: number): string {
  return `replica-${index}`;
}
