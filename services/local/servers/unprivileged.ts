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

/**
 * Postgres does not start as root. As root this picks a user who can reach every one of `paths`: the owner of `data` when it exists, else
 * `postgres`, else `nobody`. When none can (a clone under /root): a user namespace, and where those are forbidden (a container) another user who
 * may pass every door. Throws one sentence when nothing works. Not root: nothing is needed.
 */
export function unprivileged(paths: readonly string[], data: string): Unprivileged {
  if (process.getuid?.() !== 0) return AS_WE_ARE;
  const owner = ownerOf(data);
  const candidates = owner === null ? [lookUp('postgres'), lookUp('nobody')] : [owner];
  const users = candidates.flatMap((user) => (user === null || user.uid === 0 ? [] : [user]));
  const ways = [
    ...users.map(asUser),
    ...(owner === null || owner.uid === 0 ? [inNamespace()] : []),
    ...users.map(asUserWithKeys),
  ];
  const way = ways.find((candidate) => paths.every((path) => canReach(path, candidate)));
  if (way !== undefined) return way;
  throw new Error(
    `Postgres does not run as root, and no other user can reach ${paths.join(' and ')}: use a normal user, or a state folder that others may enter, as in "make up WEIR_STATE_DIR=/var/tmp/weir".`,
  );
}

function asUser(user: User): Unprivileged {
  return { ...AS_WE_ARE, spawnAs: user, own: (path) => chownSync(path, user.uid, user.gid) };
}

function inNamespace(): Unprivileged {
  return { ...AS_WE_ARE, wrap: (command, args) => ({ command: 'unshare', args: [...NAMESPACE, command, ...args] }) };
}

/**
 * The user keeps one of root's capabilities: to enter folders that are closed to it. `no_setuid_fixup` because access(2), with which Postgres looks
 * for its own files, ignores capabilities of other users without it.
 */
function asUserWithKeys(user: User): Unprivileged {
  const keep = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
  const become = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', ...keep, '--'];
  return {
    ...asUser(user),
    spawnAs: {},
    wrap: (command, args) => ({ command: 'setpriv', args: [...become, command, ...args] }),
  };
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

function canReach(path: string, way: Unprivileged): boolean {
  const { command, args } = way.wrap('/bin/sh', ['-c', 'test -x "$0"', path]);
  return spawnSync(command, args, { ...way.spawnAs, cwd: '/', stdio: 'ignore' }).status === 0;
}
