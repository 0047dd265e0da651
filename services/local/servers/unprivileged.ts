import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync } from 'node:fs';

/** How to run a program that refuses to be root: as another user, or in a user namespace in which we are not root. */
export interface Unprivileged {
  /** Turns a command line into the one to spawn. */
  wrap(command: string, args: readonly string[]): { command: string; args: readonly string[] };
  spawnAs: { uid?: number; gid?: number };
  /** Gives a file or folder to the user the program runs as. */
  own(path: string): void;
}

const AS_WE_ARE: Unprivileged = { wrap: (command, args) => ({ command, args }), spawnAs: {}, own: () => {} };

/** Inside, we are uid 1000 and own everything that is ours outside, so files in places only root may enter stay reachable. */
const NAMESPACE = ['--user', '--map-user=1000', '--map-group=1000', '--'];

/**
 * Postgres does not start as root. As root this picks the user `postgres`, else `nobody`, if that user can reach every one of
 * `paths`; else (a clone under /root) a user namespace; else it throws one sentence. Not root: nothing is needed.
 */
export function unprivileged(paths: readonly string[]): Unprivileged {
  if (process.getuid?.() !== 0) return AS_WE_ARE;
  for (const name of ['postgres', 'nobody']) {
    const user = lookUp(name);
    if (user !== null && paths.every((path) => canReach(path, user))) {
      return { ...AS_WE_ARE, spawnAs: user, own: (path) => chownSync(path, user.uid, user.gid) };
    }
  }
  if (spawnSync('unshare', [...NAMESPACE, 'true']).status === 0) {
    return { ...AS_WE_ARE, wrap: (command, args) => ({ command: 'unshare', args: [...NAMESPACE, command, ...args] }) };
  }
  throw new Error(
    `Postgres does not run as root, and no other user can reach ${paths.join(' and ')}: use a normal user, or a state folder that others may enter (WEIR_STATE_DIR=/var/tmp/weir).`,
  );
}

function lookUp(name: string): { uid: number; gid: number } | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

function canReach(path: string, user: { uid: number; gid: number }): boolean {
  return spawnSync('/bin/sh', ['-c', 'test -e "$0"', path], { ...user, cwd: '/' }).status === 0;
}
