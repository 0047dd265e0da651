import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { type ProcessRef, processAt } from './process-ref.ts';

/**
 * Processes of the program at `file` whose working directory is exactly `dir`: what a killed server left behind (Nginx's workers keep the port), or a
 * server whose pid file was lost. Both must match, so a shell that stands in the folder is never one. Only processes this user may look at.
 */
export function straysIn(dir: string, file: string): ProcessRef[] {
  const real = realPath(dir);
  if (real === null) return [];
  // Debian's redis-server is a link; the kernel knows the file behind it.
  const program = basename(realPath(file) ?? file);
  const pids = process.platform === 'linux' ? pidsOnLinux(real, program) : pidsByLsof(real, program);
  return pids.filter((pid) => pid !== process.pid).flatMap((pid) => processAt(pid) ?? []);
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function pidsOnLinux(dir: string, program: string): number[] {
  const isStray = (pid: string) => {
    try {
      // After an upgrade of the package the kernel adds " (deleted)" to the name of the running file.
      const executable = basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
      return executable === program && readlinkSync(`/proc/${pid}/cwd`) === dir;
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && isStray(entry))
    .map(Number);
}

/** `lsof -F pn` prints `p<pid>`, `fcwd`, `n<folder>` lines. */
function pidsByLsof(dir: string, program: string): number[] {
  let output: string;
  try {
    output = execFileSync('lsof', ['-a', '-d', 'cwd', '-c', `/^${program}$/`, '-F', 'pn'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return [];
  }
  const pids: number[] = [];
  let pid = 0;
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    if (line === `n${dir}`) pids.push(pid);
  }
  return pids;
}
