import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { untilGone } from './processes/stop-process.ts';
import { withLock } from './state/launch-lock.ts';

const DIST = join(PACKAGE_ROOT, 'dist');
const STAMP = '.build-stamp';
const WORK = join(PACKAGE_ROOT, '.weir');
/** Folders and files whose change makes `dist/` stale; see tsconfig.build.json. */
const INPUTS = ['services', 'shared', 'redis', 'db', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
const SOURCES = /\.(tsx?|json|css|html|svg)$/;
const BUILD_TIMEOUT_MS = 120_000;

/**
 * Compiles the sources to `dist/` unless that is up to date; `onBuild` is called before it takes time. Built beside and moved into place, so that a
 * replica never starts from half a build; of two processes that need it at once, one builds.
 */
export async function ensureBuilt(onBuild: () => void = () => {}): Promise<void> {
  mkdirSync(WORK, { recursive: true, mode: 0o711 });
  while (!isFresh()) {
    const outcome = await withLock(join(WORK, 'build.lock'), async () => {
      if (isFresh()) return;
      onBuild();
      await build();
    });
    if ('done' in outcome) return;
    await untilGone(outcome.heldBy, 100);
  }
}

function isFresh(): boolean {
  const file = join(DIST, STAMP);
  return existsSync(file) && readFileSync(file, 'utf8') === fingerprint();
}

async function build(): Promise<void> {
  const draft = join(WORK, `dist-${process.pid}`);
  const old = join(WORK, `dist-old-${process.pid}`);
  // Taken before: a source that changes meanwhile makes the result stale.
  const stamp = fingerprint();
  try {
    const tsc = join(PACKAGE_ROOT, 'node_modules/.bin/tsc');
    // An unused name is for "make check" to complain about; a cluster can be tried with one.
    const lenient = ['--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];
    const vite = join(PACKAGE_ROOT, 'node_modules/.bin/vite');
    const options = { cwd: PACKAGE_ROOT, all: true, reject: false, timeout: BUILD_TIMEOUT_MS } as const;
    const results = await Promise.all([
      execa(tsc, ['-p', 'tsconfig.build.json', '--outDir', draft, ...lenient], options),
      execa(vite, ['build', 'services/web', '--outDir', join(draft, 'web'), '--logLevel', 'warn'], options),
    ]);
    for (const { failed, all } of results) if (failed) throw new Error(`The sources do not compile.\n${all}`);
    writeFileSync(join(draft, STAMP), stamp);
    if (existsSync(DIST)) renameSync(DIST, old);
    renameSync(draft, DIST);
  } finally {
    for (const folder of [draft, old]) rmSync(folder, { recursive: true, force: true });
  }
}

/** Of names, sizes and times of change: reading 300 directory entries is fast enough to do at every start. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const input of INPUTS) addTo(hash, join(PACKAGE_ROOT, input), input);
  return hash.digest('hex');
}

function addTo(hash: ReturnType<typeof createHash>, path: string, name: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    for (const child of readdirSync(path).sort()) addTo(hash, join(path, child), `${name}/${child}`);
  } else if (stat !== undefined && SOURCES.test(name) && !name.endsWith('.test.ts')) {
    hash.update(`${name}:${stat.size}:${stat.mtimeMs}\n`);
  }
}
