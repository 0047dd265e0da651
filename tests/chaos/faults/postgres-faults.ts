import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterServer, LocalCluster } from '../../../services/local/local-cluster.ts';
import { postgresCommand } from '../../../services/local/servers/postgres-command.ts';
import type { DataDisk } from '../disk/data-disk.ts';
import type { Fault } from './fault.ts';

const TARGET = 'postgres';
const CUT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;

/** Every connection is ended by the server, whatever is under way on it. */
export function cut(postgres: ClusterServer, holdMs: number): Fault {
  return {
    name: 'postgres connections cut',
    target: TARGET,
    holdMs,
    apply: async () => void (await postgresCommand(postgres.url, CUT)),
    heal: async () => {},
  };
}

/** Writes are refused, as by a full disk's guard or by a primary that has become a standby. */
export function readOnly(postgres: ClusterServer, holdMs: number): Fault {
  const set = async (change: string) =>
    void (await postgresCommand(
      postgres.url,
      'SET default_transaction_read_only = off',
      change,
      'SELECT pg_reload_conf()',
    ));
  return {
    name: 'postgres read-only',
    target: TARGET,
    holdMs,
    apply: () => set('ALTER SYSTEM SET default_transaction_read_only = on'),
    heal: () => set('ALTER SYSTEM RESET default_transaction_read_only'),
  };
}

/** The primary is lost for good; after `detectedMs` the standby is promoted, and alone until the end, when what was lost comes back as its copy. */
export function promoted(cluster: LocalCluster, detectedMs: number, holdMs: number): Fault {
  const apply = async () => {
    await cluster.postgres.kill();
    await delay(detectedMs);
    await cluster.promoteStandby();
  };
  return {
    name: 'postgres killed, standby promoted',
    target: TARGET,
    holdMs,
    apply,
    heal: () => standbyOf(cluster).start(),
  };
}

/** Nothing can be committed: the primary waits for a standby that is not there. */
export function standbyKilled(cluster: LocalCluster, holdMs: number): Fault {
  const { kill, start } = standbyOf(cluster);
  return { name: 'standby killed', target: 'standby', holdMs, apply: () => kill(), heal: start };
}

function standbyOf({ standby }: LocalCluster): ClusterServer {
  if (standby === null) throw new Error('a cluster without a standby');
  return standby;
}

/** The whole server stands still: it takes no connection, and those it has hang in the middle of their statements. */
export function frozen(postgres: ClusterServer, holdMs: number): Fault {
  let pids: number[] = [];
  const freezeAll = async () => {
    const others = 'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()';
    pids = (await postgresCommand<{ pid: number }>(postgres.url, others)).map(({ pid }) => pid);
    // The first process first: it makes the others.
    await postgres.kill('SIGSTOP');
    for (const pid of pids) signal(pid, 'SIGSTOP');
  };
  const thawAll = async () => {
    for (const pid of pids) signal(pid, 'SIGCONT');
    await postgres.kill('SIGCONT');
  };
  return { name: 'postgres frozen', target: TARGET, holdMs, apply: freezeAll, heal: thawAll };
}

/** A connection may have ended between the question and the signal. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * A full disk, of the primary or (after promotions) of the standby: what needs a new block is refused, and without room for its log the server
 * ends itself.
 */
export function diskFull(cluster: LocalCluster, disk: DataDisk, holdMs: number): Fault {
  const heal = async () => {
    disk.empty();
    // They run on where they did not need to write their log.
    await cluster.postgres.start();
    await standbyOf(cluster).start();
  };
  return { name: 'postgres disk full', target: TARGET, holdMs, apply: () => disk.fill(), heal };
}
