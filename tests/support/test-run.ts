import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessRef } from '../../services/local/processes/process-ref.ts';
import {
  findBinaries,
  placesOfThisMachine,
  type ServerBinary,
  type ServerName,
} from '../../services/local/servers/binaries.ts';
import type { Leftover } from './reaper.ts';

/** What one mocha process has started: a temporary folder, servers, and a guard that removes both if the run is killed. */
let reaper: ChildProcess | undefined;
let runDir: string | undefined;
let closers: Array<() => Promise<unknown>> = [];
let folders = 0;

/** A fresh folder that goes away with the run. */
export function testDir(name: string): string {
  if (runDir === undefined) {
    runDir = mkdtempSync(join(tmpdir(), 'weir-test-'));
    // The user Postgres runs as must get through.
    chmodSync(runDir, 0o711);
    tellReaper({ dir: runDir });
  }
  const dir = join(runDir, `${name}-${++folders}`);
  mkdirSync(dir, { mode: 0o711 });
  return dir;
}

/** Makes sure that a process does not outlive the run, even if the run is killed. */
export function guardProcess(process: ProcessRef): void {
  tellReaper({ process });
}

/** Runs at the end of the whole run, last registered first. */
export function atEndOfRun(close: () => Promise<unknown>): void {
  closers.push(close);
}

export async function endRun(): Promise<void> {
  const toClose = closers.reverse();
  closers = [];
  for (const close of toClose) await close();
  if (runDir !== undefined) rmSync(runDir, { recursive: true, force: true });
  runDir = undefined;
  reaper?.stdin?.end();
  reaper = undefined;
}

/** The server program tests use: of this machine, or unpacked by `make test`. */
export function testBinary(name: ServerName): ServerBinary {
  const binary = findBinaries(placesOfThisMachine(fileURLToPath(new URL('../../.weir/system', import.meta.url)))).found[
    name
  ];
  if (binary === undefined)
    throw new Error(`The tests need ${name}, which was not found. "make test" gets what is missing.`);
  return binary;
}

function tellReaper(leftover: Leftover): void {
  reaper ??= startReaper();
  reaper.stdin?.write(`${JSON.stringify(leftover)}\n`);
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
