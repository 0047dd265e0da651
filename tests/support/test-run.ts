import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessRef } from '../../services/local/processes/process-ref.ts';
import { findBinaries, placesOfThisMachine, type ServerBinary } from '../../services/local/servers/binaries.ts';
import type { ProgramName } from '../../services/local/servers/program-names.ts';
import { StateDir } from '../../services/local/state/state-dir.ts';
import type { Leftover } from './reaper.ts';

/** What one mocha process has started: a temporary folder, servers, and a guard that removes both if the run is killed. */
interface TestRun {
  reaper?: ChildProcess;
  dir?: string;
  closers: Array<() => Promise<unknown>>;
  folders: number;
}

/** On the global object: mocha loads fixtures and tests through two loaders, so this module exists twice in one process. */
const RUN = Symbol.for('weir.tests.run');
const store = globalThis as { [RUN]?: TestRun };
store[RUN] ??= { closers: [], folders: 0 };
const run: TestRun = store[RUN];

/** A fresh folder that goes away with the run. */
export function testDir(name: string): string {
  if (run.dir === undefined) {
    run.dir = mkdtempSync(join(tmpdir(), 'weir-test-'));
    // The user Postgres runs as must get through.
    chmodSync(run.dir, 0o711);
    tellReaper({ dir: run.dir });
  }
  const dir = join(run.dir, `${name}-${++run.folders}`);
  mkdirSync(dir, { mode: 0o711 });
  return dir;
}

/** Makes sure that a process does not outlive the run, even if the run is killed. */
export function guardProcess(process: ProcessRef): void {
  tellReaper({ process });
}

/** Runs at the end of the whole run, last registered first. */
export function atEndOfRun(close: () => Promise<unknown>): void {
  run.closers.push(close);
}

export async function endRun(): Promise<void> {
  for (const close of run.closers.splice(0).reverse()) await close();
  if (run.dir !== undefined) rmSync(run.dir, { recursive: true, force: true });
  run.reaper?.stdin?.end();
  delete run.dir;
  delete run.reaper;
}

/** The program tests use (a server, `prometheus`, `promtool`, `amtool` …): of this machine, or unpacked by `make test`. */
export function testBinary(name: ProgramName): ServerBinary {
  const binary = findBinaries([name], placesOfThisMachine(StateDir.of(process.env).system)).found[name];
  if (binary === undefined)
    throw new Error(`The tests need ${name}, which was not found. "make test" gets what is missing.`);
  return binary;
}

function tellReaper(leftover: Leftover): void {
  run.reaper ??= startReaper();
  run.reaper.stdin?.write(`${JSON.stringify(leftover)}\n`);
}

function startReaper(): ChildProcess {
  const file = fileURLToPath(new URL('./reaper.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  // A pipe is a socket at run time: it must not keep the run alive.
  (child.stdin as unknown as { unref?: () => void }).unref?.();
  return child;
}
