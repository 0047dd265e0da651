import { existsSync } from 'node:fs';
import type { Progress } from '../progress.ts';
import { findBinaries, placesOfThisMachine, type ServerBinary, type ServerName } from '../servers/binaries.ts';
import type { StateDir } from '../state/state-dir.ts';
import { UsageError } from '../usage-error.ts';
import { unpackDebianPackages } from './debian.ts';
import { brewInstall } from './homebrew.ts';
import { packageHint } from './package-hint.ts';

/**
 * The three server programs: those of this machine, and for what is missing the packages of its package manager, without starting or
 * changing a system service. Throws a {@link UsageError} with the exact command where it may not or cannot install.
 */
export async function ensureServers(state: StateDir, progress: Progress): Promise<Record<ServerName, ServerBinary>> {
  const places = placesOfThisMachine(state.system);
  const before = findBinaries(places);
  if (before.missing.length > 0) await install(before.missing, state, progress);
  const { found, missing } = before.missing.length > 0 ? findBinaries(places) : before;
  const { postgres, redis, nginx } = found;
  if (postgres === undefined || redis === undefined || nginx === undefined) {
    throw new UsageError(`${list(missing)} could not be found after installing. ${packageHint(missing)}`, 1);
  }
  return { postgres, redis, nginx };
}

async function install(missing: readonly ServerName[], state: StateDir, progress: Progress): Promise<void> {
  progress.say(`Not on this machine yet: ${list(missing)}.`);
  if (process.platform === 'darwin') return brewInstall(missing, progress);
  if (existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb'))
    return unpackDebianPackages(missing, state, progress);
  throw new UsageError(`Weir needs ${list(missing)}. ${packageHint(missing)}`, 1);
}

const TITLES: Record<ServerName, string> = { postgres: 'Postgres', redis: 'Redis', nginx: 'Nginx' };

function list(names: readonly ServerName[]): string {
  return new Intl.ListFormat('en').format(names.map((name) => TITLES[name]));
}
