import { ConfigError, loadSettings } from '../../../shared/config/load.ts';
import { ensureBuilt } from '../build.ts';
import { Cluster } from '../cluster/cluster.ts';
import { checkAlerting } from '../cluster/monitoring/alert-settings.ts';
import { type MonitoringPlan, monitoringPlan } from '../cluster/monitoring/plan.ts';
import type { ClusterPlan } from '../cluster/plan.ts';
import { planOf } from '../cluster/plan-of.ts';
import { replicaSettings } from '../cluster/replica-part.ts';
import { requireFreeHttpPort } from '../http-port.ts';
import { ensureMonitoring, ensureServers } from '../install/ensure-programs.ts';
import { DEFAULT_HTTP_PORT, DEFAULT_REPLICAS, readUpOptions, type UpOptions } from '../options.ts';
import { consoleProgress } from '../progress.ts';
import { proofRun } from '../proof-run.ts';
import { type ClusterFile, readClusterFile, writeClusterFile } from '../state/cluster-file.ts';
import { rotateLogs } from '../state/rotate-logs.ts';
import type { StateDir } from '../state/state-dir.ts';
import { UsageError } from '../usage-error.ts';
import { summary } from './summary.ts';

/** `make up`: starts, heals or scales the cluster. */
export async function up(state: StateDir, environment: NodeJS.ProcessEnv): Promise<void> {
  const options = readUpOptions(environment);
  state.create();
  const progress = consoleProgress();
  const before = readClusterFile(state);
  const wanted = want(options, before);
  const plan = planOf(state, wanted);
  const cluster = new Cluster(plan, wanted.replicas);
  const wasRunning = cluster.anyRunning();
  await checkSettings(plan);
  if (wasRunning && before !== null) refuseChanges(options, before);
  if (wasRunning && (await cluster.isComplete())) {
    await checkMonitoring(plan.monitoring);
    const reloaded = await cluster.monitoring.refresh();
    const news = reloaded.length > 0 ? `${reloaded.join(' and ')} told about what changed` : 'nothing to do';
    writeClusterFile(state, wanted);
    progress.say(`Weir is already up with ${count(wanted.replicas)}; ${news}.`);
    progress.say(summary(plan, cluster));
    return;
  }

  if (cluster.nginx.running() === null) await cluster.nginx.stop();
  if (cluster.nginx.running() === null) await requireFreeHttpPort(wanted.httpPort);
  progress.say(heading(wanted, before, wasRunning));
  if (!wasRunning) rotateLogs(state);
  const binaries = await ensureServers(state, progress);
  const monitoring =
    wanted.monitoring === undefined
      ? null
      : monitoringPlan(await ensureMonitoring(state, progress), { alerting: wanted.monitoring.alerting });
  await checkMonitoring(monitoring);
  await ensureBuilt(() => progress.say('  … Compiling'));
  const ready = new Cluster({ ...plan, binaries, monitoring }, wanted.replicas);
  // Written before the first process: after an interruption "make down" and the next "make up" know what this one meant.
  writeClusterFile(state, wanted);
  const started = await ready.up(progress);
  if (!wasRunning || started.length > 0) await proofRun(state, progress);
  progress.say(summary(plan, ready));
}

/** A cluster that was not taken down (it runs, or it was killed) keeps what it was started with. */
function want(options: UpOptions, before: ClusterFile | null): ClusterFile {
  const alerting = { ...before?.monitoring?.alerting, ...options.alerting };
  return {
    ...((options.monitoring ?? before?.monitoring !== undefined) ? { monitoring: { alerting } } : {}),
    httpPort: options.httpPort ?? before?.httpPort ?? DEFAULT_HTTP_PORT,
    replicas: options.replicas ?? before?.replicas ?? DEFAULT_REPLICAS,
    settings: { ...before?.settings, ...options.settings },
  };
}

/** Replicas with different settings would contradict each other, so settings change only from down to up. */
function refuseChanges(options: UpOptions, before: ClusterFile): void {
  const changed = Object.entries(options.settings).flatMap(([name, value]) =>
    before.settings[name] === value ? [] : [name],
  );
  if (options.httpPort !== undefined && options.httpPort !== before.httpPort) changed.unshift('WEIR_HTTP_PORT');
  if (changed.length === 0) return;
  throw new UsageError(
    `The cluster is already up on port ${before.httpPort} with ${changed.join(', ')} set differently: run "make down" first, or give a second cluster a folder of its own with WEIR_STATE_DIR.`,
  );
}

/** All faults of the settings at once, before anything is started with them. */
async function checkSettings(plan: ClusterPlan): Promise<void> {
  try {
    loadSettings(await replicaSettings(plan, { name: 'replica-1', port: 0, internalPort: 0 }));
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
}

async function checkMonitoring(monitoring: MonitoringPlan | null): Promise<void> {
  const amtool = monitoring?.binaries.amtool;
  if (monitoring !== null && amtool !== undefined) await checkAlerting(monitoring.alerting, amtool);
}

function heading(wanted: ClusterFile, before: ClusterFile | null, wasRunning: boolean): string {
  if (!wasRunning) return `Starting Weir with ${count(wanted.replicas)} on port ${wanted.httpPort}.`;
  if (before !== null && before.replicas !== wanted.replicas)
    return `Going from ${before.replicas} to ${count(wanted.replicas)}.`;
  if (before !== null && (before.monitoring === undefined) !== (wanted.monitoring === undefined))
    return wanted.monitoring === undefined
      ? 'Weir is up; taking its monitoring away.'
      : 'Weir is up; adding monitoring.';
  return 'Weir is up, but not all of it works; starting what is missing.';
}

function count(replicas: number): string {
  return replicas === 1 ? '1 replica' : `${replicas} replicas`;
}
