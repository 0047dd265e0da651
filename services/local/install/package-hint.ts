import { existsSync } from 'node:fs';
import type { ServerName } from '../servers/binaries.ts';

/** Package managers by their program, and what they call the servers. None of these commands starts a service. */
const MANAGERS: ReadonlyArray<{ program: string; command: string; packages: Record<ServerName, string> }> = [
  {
    program: '/usr/bin/dnf',
    command: 'sudo dnf install',
    packages: { postgres: 'postgresql-server', redis: 'valkey', nginx: 'nginx' },
  },
  {
    program: '/usr/bin/pacman',
    command: 'sudo pacman -S',
    packages: { postgres: 'postgresql', redis: 'valkey', nginx: 'nginx' },
  },
  {
    program: '/usr/bin/zypper',
    command: 'sudo zypper install',
    packages: { postgres: 'postgresql-server', redis: 'redis', nginx: 'nginx' },
  },
  {
    program: '/sbin/apk',
    command: 'sudo apk add',
    packages: { postgres: 'postgresql16', redis: 'redis', nginx: 'nginx' },
  },
];

/** A sentence with the exact command for this machine. */
export function packageHint(missing: readonly ServerName[], exists: (file: string) => boolean = existsSync): string {
  const manager = MANAGERS.find((candidate) => exists(candidate.program));
  if (manager === undefined)
    return 'Install them so that postgres, redis-server and nginx are in PATH, then run "make up" again.';
  return `Run "${manager.command} ${missing.map((name) => manager.packages[name]).join(' ')}", then "make up" again.`;
}
