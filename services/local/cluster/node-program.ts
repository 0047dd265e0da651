import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../shared/config/package.ts';
import type { ProcessRef } from '../processes/process-ref.ts';
import { spawnDetached } from '../processes/spawn-detached.ts';
import { untilReady } from '../processes/until-ready.ts';
import type { StateDir } from '../state/state-dir.ts';

export interface NodeProgram {
  /** Of the part: names its log and its folder. */
  name: string;
  /** Below `dist/`. */
  file: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Any answer below 400 from here means: it serves. */
  readyUrl: string;
}

/** A replica connects to Postgres and Redis and waits for migrations of another one before it says ready. */
const START_TIMEOUT_MS = 60_000;

/** Starts one of our own programs from `dist/` in a folder of its own; resolves when it is ready. */
export async function startNodeProgram(
  program: NodeProgram,
  state: StateDir,
  onSpawn: (ref: ProcessRef) => void,
): Promise<ProcessRef> {
  const cwd = state.part(program.name);
  mkdirSync(cwd, { recursive: true, mode: 0o711 });
  const logFile = state.log(program.name);
  const args = ['--enable-source-maps', join(PACKAGE_ROOT, 'dist', program.file), ...program.args];
  const ref = await spawnDetached({ command: process.execPath, args, cwd, env: program.env, logFile });
  onSpawn(ref);
  await untilReady(ref, {
    name: program.name,
    logFile,
    timeoutMs: START_TIMEOUT_MS,
    isReady: () => answers(program.readyUrl),
  });
  return ref;
}

/** Whether `url` answers with a status below 400 within a second. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.status < 400;
  } catch {
    return false;
  }
}
