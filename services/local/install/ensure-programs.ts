import { existsSync } from 'node:fs';
import type { Progress } from '../progress.ts';
import { findBinaries, placesOfThisMachine, type ServerBinary } from '../servers/binaries.ts';
import {
  MONITORING_NAMES,
  type MonitoringName,
  PROGRAMS,
  type ProgramName,
  SERVER_NAMES,
  type ServerName,
} from '../servers/program-names.ts';
import type { StateDir } from '../state/state-dir.ts';
import { UsageError } from '../usage-error.ts';
import { unpackDebianPackages } from './debian.ts';
import { brewInstall } from './homebrew.ts';
import { packageHint } from './package-hint.ts';

/** There is no monitoring without these; the others are left out where no package has them. */
const ESSENTIAL: readonly MonitoringName[] = ['prometheus', 'promtool', 'alertmanager', 'amtool'];

/**
 * The programs asked for: those of this machine, and for what is missing the packages of its package manager, without starting or changing
 * a system service. Resolves to the path of each and the environment it needs. Throws a {@link UsageError} with the exact command where it
 * may not or cannot install. A test gets one with `await ensurePrograms(['promtool'], StateDir.of(process.env), silentProgress)`, or, when
 * `make test` has already put it there, with `testBinary('promtool')`.
 */
export async function ensurePrograms<N extends ProgramName>(
  names: readonly N[],
  state: StateDir,
  progress: Progress,
): Promise<Record<N, ServerBinary>> {
  const { found, missing } = await findOrInstall(names, state, progress);
  requireNone(missing);
  return found as Record<N, ServerBinary>;
}

/** The three servers without which there is no cluster. */
export function ensureServers(state: StateDir, progress: Progress): Promise<Record<ServerName, ServerBinary>> {
  return ensurePrograms(SERVER_NAMES, state, progress);
}

export type MonitoringBinaries = Partial<Record<MonitoringName, ServerBinary>>;

/**
 * Prometheus and Alertmanager with their tools, and as many of the exporters as there are packages for; what is left out is said. Grafana only
 * where it is installed: no distribution's own archive has it.
 */
export async function ensureMonitoring(state: StateDir, progress: Progress): Promise<MonitoringBinaries> {
  const installable = MONITORING_NAMES.filter((name) => name !== 'grafana');
  const { found, missing } = await findOrInstall(installable, state, progress);
  requireNone(missing.filter((name) => ESSENTIAL.includes(name)));
  if (missing.length > 0) progress.say(`Left out, because no package of this system has them: ${list(missing)}.`);
  return { ...found, ...findBinaries(['grafana'], placesOfThisMachine(state.system)).found };
}

async function findOrInstall<N extends ProgramName>(names: readonly N[], state: StateDir, progress: Progress) {
  const places = placesOfThisMachine(state.system);
  const before = findBinaries(names, places);
  if (before.missing.length === 0) return before;
  await install(before.missing, state, progress);
  return findBinaries(names, places);
}

function requireNone(missing: readonly ProgramName[]): void {
  if (missing.length > 0) throw new UsageError(`Weir needs ${list(missing)}. ${packageHint(missing)}`, 1);
}

/** Where neither Homebrew nor apt is, nothing is done: what is needed and still missing is said by the caller. */
async function install(missing: readonly ProgramName[], state: StateDir, progress: Progress): Promise<void> {
  progress.say(`Not on this machine yet: ${list(missing)}.`);
  if (process.platform === 'darwin') return brewInstall(missing, progress);
  if (existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb'))
    return unpackDebianPackages(missing, state, progress);
}

function list(names: readonly ProgramName[]): string {
  return new Intl.ListFormat('en').format(names.map((name) => PROGRAMS[name].title));
}
