import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Progress } from '../progress.ts';
import type { ProgramName } from '../servers/program-names.ts';
import type { StateDir } from '../state/state-dir.ts';
import { UsageError } from '../usage-error.ts';
import { knownPackages, neededPackages } from './needed-packages.ts';
import { DEBIAN_PACKAGES, packagesOf } from './packages.ts';
import { relocateAlertmanager } from './relocate.ts';

/** Programs written in Go need no library of another package; what their packages depend on are services and pages of the installed system. */
const ALONE = /^prometheus/;

/**
 * Unpacks the missing programs, with the libraries that this machine lacks, into the state folder: apt knows which and downloads them,
 * nothing is installed, no script of a package runs, no root is needed and no service is touched. `make down` leaves them; removing
 * the folder removes all.
 */
export async function unpackDebianPackages(
  missing: readonly ProgramName[],
  state: StateDir,
  progress: Progress,
): Promise<void> {
  const names = packagesOf(missing, DEBIAN_PACKAGES);
  const needed = [
    ...(await resolve(
      names.filter((name) => !ALONE.test(name)),
      progress,
    )),
    ...(await resolveAlone(
      names.filter((name) => ALONE.test(name)),
      progress,
    )),
  ];
  if (needed.length === 0) return;
  const key = createHash('sha256').update(needed.join()).digest('hex').slice(0, 8);
  const folder = state.file(`packages-${key}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    await progress.step(`Downloading ${needed.length} packages with apt-get`, async () => {
      const result = await apt(['download', ...needed], folder);
      if (result.failed)
        throw new UsageError(`apt-get could not download the packages: ${lastLine(result.all)} ${byHand(names)}`, 1);
    });
    await progress.step(`Unpacking them into ${state.system}`, async () => {
      mkdirSync(state.system, { recursive: true, mode: 0o711 });
      for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
        await execa('dpkg-deb', ['-x', join(folder, file), state.system]);
      }
      relocateAlertmanager(state.system);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Names with versions, as apt would install them. Its lists may be empty on a fresh machine; root may fill them. */
async function resolve(names: readonly string[], progress: Progress): Promise<string[]> {
  if (names.length === 0) return [];
  let simulation = await simulate(names);
  if (simulation.failed && process.getuid?.() === 0) {
    await update(progress);
    simulation = await simulate(names);
  }
  if (simulation.failed) {
    const reason = lastLine(simulation.all);
    throw new UsageError(
      process.getuid?.() === 0
        ? `apt-get does not know the packages ${names.join(', ')}: ${reason} ${byHand(names)}`
        : `apt-get does not know the packages ${names.join(', ')} (${reason}). Run "sudo apt-get update", then "make up" again.`,
      1,
    );
  }
  return neededPackages(simulation.all ?? '');
}

/** Those that this system's archive has. Its lists may be empty on a fresh machine; root may fill them. */
async function resolveAlone(names: readonly string[], progress: Progress): Promise<string[]> {
  if (names.length === 0) return [];
  const known = async () => knownPackages((await aptCache(['madison', ...names])).stdout);
  let found = await known();
  if (found.length === 0 && process.getuid?.() === 0) {
    await update(progress);
    found = await known();
  }
  if (found.length > 0) return found;
  throw new UsageError(
    `apt-get does not know the packages ${names.join(', ')}. Run "sudo apt-get update", then "make up" again.`,
    1,
  );
}

function update(progress: Progress) {
  return progress.step('Updating the package lists with apt-get update', () => apt(['update']));
}

function aptCache(args: readonly string[]) {
  return execa('apt-cache', [...args], { reject: false, stdin: 'ignore', env: { LC_ALL: 'C' } });
}

function simulate(names: readonly string[]) {
  return apt(['--simulate', 'install', '--no-install-recommends', ...names]);
}

function apt(args: readonly string[], cwd?: string) {
  return execa('apt-get', [...args], {
    ...(cwd === undefined ? {} : { cwd }),
    all: true,
    reject: false,
    stdin: 'ignore',
    env: { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function byHand(names: readonly string[]): string {
  return `To install them yourself: "sudo apt-get install --no-install-recommends ${names.join(' ')}", then "make up" again.`;
}

function lastLine(output: string | undefined): string {
  return (output ?? '').trim().split('\n').at(-1) ?? '';
}
