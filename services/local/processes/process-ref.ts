import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A process and the moment it began, as the kernel tells it. A process id alone is recycled; the pair is not, so nothing
 * is ever signalled because of a stale pid file. `started` is opaque: compare it, do not parse it.
 */
export interface ProcessRef {
  pid: number;
  started: string;
}

/** The process that runs under `pid` now; null: none (a zombie counts as none: it does nothing any more). */
export function processAt(pid: number): ProcessRef | null {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedElsewhere(pid);
  return started === null ? null : { pid, started };
}

export function isAlive(ref: ProcessRef): boolean {
  const now = processAt(ref.pid);
  return now !== null && now.started === ref.started;
}

/** Clock ticks since boot are only unique within one boot: after a reboot another process may have both numbers. */
let bootId: string | undefined;

function startedOnLinux(pid: number): string | null {
  const stat = readStat(pid);
  // The first thread is a zombie before the others have ended, and until the last one has, ports and files are still held.
  if (stat === null || (/[ZX]/.test(stat.state) && stat.threads <= 1)) return null;
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
  return `${bootId}:${stat.startTicks}`;
}

/** `/proc/<pid>/stat`; the command name in parentheses may contain anything, so fields are counted from its end. */
function readStat(pid: number): { state: string; threads: number; startTicks: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', threads: Number(fields[17]), startTicks: fields[19] ?? '' };
  } catch {
    return null;
  }
}

function startedElsewhere(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [state, ...words] = line.trim().split(/\s+/);
    return state === undefined || state === '' || state.startsWith('Z') ? null : words.join(' ');
  } catch {
    return null;
  }
}
