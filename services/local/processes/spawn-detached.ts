import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type ProcessRef, processAt } from './process-ref.ts';

export interface SpawnOptions {
  command: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Output of the process is appended here. */
  logFile: string;
  /** Run as another user (only root may). */
  uid?: number;
  gid?: number;
}

/**
 * Starts a process that outlives this one, in a session (and so a process group) of its own: Ctrl-C in the terminal does not
 * reach it, and what it forks can be found by the group. Rejects when the program cannot be started at all.
 */
export async function spawnDetached(options: SpawnOptions): Promise<ProcessRef> {
  const log = openSync(options.logFile, 'a');
  try {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', log, log],
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const ref = child.pid === undefined ? null : processAt(child.pid);
    if (ref === null) throw new Error(`${options.command} ended at once.\n${lastLines(options.logFile, 10)}`);
    return ref;
  } finally {
    closeSync(log);
  }
}

/** The end of a log, for error messages; empty when there is no such file. */
export function lastLines(file: string, count: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
