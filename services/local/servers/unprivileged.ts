import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';

/** How to run a program that refuses to be root: as another user, or in a user namespace in which we are not root. */
export interface Unprivileged {
  /** Turns a command line into the one to spawn. */
  wrap(command: string, args: readonly string[]): { command: string; args: readonly string[] };
  spawnAs: { uid?: number; gid?: number };
  /** Gives a file or folder to the user the program runs as. */
  own(path: string): void;
}

interface User {
  uid: number;
  gid: number;
}

/** Inside, we are uid 1000 and own everything that is ours outside, so files in places only root may enter stay reachable. */
const NAMESPACE = ['--user', '--map-user=1000', '--map-group=1000', '--'];

const AS_WE_ARE: Unprivileged = { wrap: (command, args) => ({ command, args }), spawnAs: {}, own: () => {} };
const IN_NAMESPACE: Unprivileged = {
  ...AS_WE_ARE,
  wrap: (command, args) => ({ command: 'unshare', args: [...NAMESPACE, command, ...args] }),
};

/**
 * Postgres does not start as root. As root this picks the owner of `data` when it exists, else the user `postgres`, else `nobody`, if that
 * user can reach every one of `paths`; else (a clone under /root) a user namespace; else it throws one sentence. Not root: nothing is needed.
 */
export function unprivileged(paths: readonly string[], data: string): Unprivileged {
  if (process.getuid?.() !== 0) return AS_WE_ARE;
  const owner = ownerOf(data);
  for (const user of owner === null ? [lookUp('postgres'), lookUp('nobody')] : [owner]) {
    if (user !== null && user.uid !== 0 && paths.every((path) => canReach(path, user))) return asUser(user);
  }
  if (spawnSync('unshare', [...NAMESPACE, 'true']).status === 0) return IN_NAMESPACE;
  throw new Error(
    `Postgres does not run as root, and no other user can reach ${paths.join(' and ')}: use a normal user, or a state folder that others may enter, as in "make up WEIR_STATE_DIR=/var/tmp/weir".`,
  );
}

function asUser(user: User): Unprivileged {
  return { ...AS_WE_ARE, spawnAs: user, own: (path) => chownSync(path, user.uid, user.gid) };
}

function ownerOf(path: string): User | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : { uid: stat.uid, gid: stat.gid };
}

function lookUp(name: string): User | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

function canReach(path: string, user: User): boolean {
  return spawnSync('/bin/sh', ['-c', 'test -x "$0"', path], { ...user, cwd: '/' }).status === 0;
}
