import { ensureBuilt } from './build.ts';
import { Cluster } from './cluster/cluster.ts';
import { type MonitoringPartName, type MonitoringPlan, monitoringPlan } from './cluster/monitoring/plan.ts';
import type { Part } from './cluster/part.ts';
import type { ClusterPlan } from './cluster/plan.ts';
import { planOf } from './cluster/plan-of.ts';
import { restartReplicas } from './cluster/rolling-restart.ts';
import { cacheUrl, databaseUrl } from './cluster/server-parts.ts';
import { type ClusterPair, type ClusterProcess, type ClusterServer, control, controlPair } from './cluster-process.ts';
import { ensureMonitoring, ensureServers } from './install/ensure-programs.ts';
import { localAccess } from './local-access.ts';
import type { ProcessRef } from './processes/process-ref.ts';
import { silentProgress } from './progress.ts';
import { writeClusterFile } from './state/cluster-file.ts';
import { Ports } from './state/ports.ts';
import { StateDir } from './state/state-dir.ts';

export type { ClusterProcess, ClusterServer };

export interface StartClusterOptions {
  /** Folder of this cluster alone. */
  dir: string;
  /** Default 3. */
  replicas?: number;
  /** `WEIR_*` and `ROLES` of every replica, and those of single ones by id (`replica-2`). */
  settings?: Record<string, string>;
  settingsOf?: (replica: string) => Record<string, string>;
  /** Where unpacked server packages may be found, besides the machine itself. Default: those of the clone. */
  packages?: StateDir;
  /**
   * A real Prometheus and Alertmanager beside the cluster, with exporters and the rules of the project: true, or what differs from operation
   * (`{ scrapeInterval: '1s', slowScrapeInterval: '1s', evaluationInterval: '1s' }`; `parts` to start only some). Default: none.
   */
  monitoring?: boolean | MonitoringChanges;
  /** Postgres with fsync; default false. */
  durable?: boolean;
  /** Postgres with a synchronous standby; default false. */
  standby?: boolean;
  /** Puts something between parts: the port at which `from` (`replica-1`, `nginx`) finds `to` (`redis`, `postgres`, `llm-sim`, `replica-1`), which itself listens on `port`; `standby` finds `primary`, whichever they are. */
  portSeenBy?: (from: string, to: string, port: number) => Promise<number>;
  onSpawn?: (ref: ProcessRef) => void;
}

export interface MonitoringChanges extends Partial<Omit<MonitoringPlan, 'binaries'>> {
  /** Only these, as `prometheus`, `nginx-exporter`; default all whose program is there. */
  parts?: readonly MonitoringPartName[];
}

export interface ClusterReplica extends ClusterProcess {
  readonly id: string;
  readonly url: string;
  readonly internalUrl: string;
}

export interface LocalCluster {
  /** In the order of their ids; grows with `addReplica`. */
  readonly replicas: ClusterReplica[];
  readonly nginxUrl: string;
  readonly nginx: ClusterProcess;
  /** The primary: after `promoteStandby` the server that was promoted. */
  readonly postgres: ClusterServer;
  /** The other one; null: it was not asked for. Its start makes it a copy of the primary again if it was one itself, and resolves when commits wait for it. */
  readonly standby: ClusterServer | null;
  /** What a failover manager does when the primary is dead. Resolves when the new one takes writes; the old one is then the standby, to be started again. */
  promoteStandby(): Promise<void>;
  /** As the replicas have it: names all servers. */
  readonly databaseUrl: string;
  readonly redis: ClusterServer;
  /** Base URL without `/v1`. */
  readonly simulator: ClusterServer;
  /** A part of the monitoring; throws when the cluster has none of that name. `url` without a slash at the end. */
  monitoring(part: MonitoringPartName): ClusterServer;
  /** Logs, one file per part. */
  readonly logDir: string;
  token(userId: string, role?: 'user' | 'admin'): Promise<string>;
  /** Starts one more and puts it behind Nginx. */
  addReplica(): Promise<ClusterReplica>;
  /** Restarts the replicas one after the other, as `make restart`. */
  restart(): Promise<void>;
  /** Ends everything at once, without grace; the folder is the caller's. */
  close(): Promise<void>;
}

/** A whole cluster on private ports: what `make up` starts, for tests and benchmarks. Compiles first if `dist/` is stale. */
export async function startCluster(options: StartClusterOptions): Promise<LocalCluster> {
  const state = new StateDir(options.dir).create();
  // Chosen among the ports of the cluster: its own parts start before Nginx, and must not take this one.
  const httpPort = await new Ports(state).get('nginx');
  const wanted = { httpPort, replicas: options.replicas ?? 3, settings: options.settings ?? {} };
  const packages = options.packages ?? StateDir.of(process.env);
  const plan: ClusterPlan = {
    ...planOf(state, wanted),
    binaries: await ensureServers(packages, silentProgress),
    monitoring: await monitoringOf(options.monitoring ?? false, packages, state),
    durable: options.durable ?? false,
    standby: options.standby ?? false,
    ...(options.onSpawn === undefined ? {} : { onSpawn: options.onSpawn }),
    ...(options.portSeenBy === undefined ? {} : { portSeenBy: options.portSeenBy }),
    ...(options.settingsOf === undefined ? {} : { settingsOf: options.settingsOf }),
  };
  await ensureBuilt();
  const cluster = new Cluster(plan, wanted.replicas);
  writeClusterFile(state, wanted);
  const close = () => killAll(cluster);
  try {
    await cluster.up(silentProgress);
  } catch (error) {
    await close();
    throw error;
  }
  const server = (name: string, url: string): ClusterServer => Object.assign(control(partOf(cluster, name)), { url });
  const pair = cluster.pair === null ? null : await controlPair(cluster.pair);
  const database = await databaseUrl(plan);
  const onlyPostgres = pair === null ? server('postgres', database) : null;
  const replicas = cluster.replicaNames.map((name) => replica(plan, cluster, name));
  return {
    replicas,
    nginxUrl: `http://127.0.0.1:${plan.httpPort}`,
    nginx: control(cluster.nginx),
    get postgres() {
      return onlyPostgres ?? needed(pair).primary;
    },
    get standby() {
      return pair?.standby ?? null;
    },
    promoteStandby: () => needed(pair).promote(),
    databaseUrl: database,
    redis: server('redis', await cacheUrl(plan)),
    simulator: server('llm-sim', `http://127.0.0.1:${plan.ports.known('llm-sim')}`),
    monitoring(name) {
      const part = cluster.monitoring.part(name);
      if (part === undefined) throw new Error(`This cluster was started without ${name}.`);
      return Object.assign(control(part), { url: `http://127.0.0.1:${plan.ports.known(name)}` });
    },
    logDir: state.logDir,
    async token(userId, role = 'user') {
      const token = localAccess(state)?.token;
      if (token == null) throw new Error('This cluster takes its tokens from an identity provider.');
      return token(userId, role);
    },
    async addReplica() {
      const name = cluster.addReplicaName();
      await cluster.replica(name).ensure();
      await cluster.nginx.refresh();
      await cluster.monitoring.refresh();
      const added = replica(plan, cluster, name);
      replicas.push(added);
      return added;
    },
    restart: () => restartReplicas(cluster, silentProgress),
    close,
  };
}

async function monitoringOf(
  choice: boolean | MonitoringChanges,
  packages: StateDir,
  state: StateDir,
): Promise<MonitoringPlan | null> {
  if (choice === false) return null;
  const { parts, ...changes } = choice === true ? {} : choice;
  // Nobody is paged because a test breaks something: the keys of the clone are not looked at.
  const alerting = { ALERT_SECRETS: state.file('no-keys'), ...changes.alerting };
  const binaries = await ensureMonitoring(packages, silentProgress);
  const wanted = Object.entries(binaries).filter(([name]) => parts?.includes(name as MonitoringPartName) ?? true);
  return monitoringPlan(Object.fromEntries(wanted), { ...changes, alerting });
}

function needed(pair: ClusterPair | null): ClusterPair {
  if (pair === null) throw new Error('This cluster was started without a standby.');
  return pair;
}

/** null: the settings name a server elsewhere, which is not ours to stop. */
function partOf(cluster: Cluster, name: string): Part | null {
  return cluster.backing.find((candidate) => candidate.name === name) ?? null;
}

function replica(plan: ClusterPlan, cluster: Cluster, id: string): ClusterReplica {
  const url = (name: string) => `http://127.0.0.1:${plan.ports.known(name)}`;
  return Object.assign(control(cluster.replica(id)), { id, url: url(id), internalUrl: url(`${id}-internal`) });
}

/** Nothing of a test cluster is worth saving, so nobody is given time; the servers free their shared memory on SIGINT or SIGTERM. */
async function killAll(cluster: Cluster): Promise<void> {
  const backing = new Set<Part>(cluster.backing);
  await Promise.all(
    cluster
      .parts()
      .filter((part) => !backing.has(part))
      .map((part) => part.kill('SIGKILL')),
  );
  await Promise.all(cluster.parts().map((part) => part.stop()));
}
