import pg from 'pg';
import type { ClusterServer } from '../../../services/local/local-cluster.ts';
import type { DataDisk } from '../disk/data-disk.ts';
import type { Fault } from './fault.ts';

const TARGET = 'postgres';
/** For whatever the superuser's own connection is asked (ms). */
const PATIENCE_MS = 10_000;

async function ask(postgres: ClusterServer, ...statements: string[]): Promise<pg.QueryResult[]> {
  const client = new pg.Client({ connectionString: postgres.url, connectionTimeoutMillis: PATIENCE_MS });
  client.on('error', () => {});
  await client.connect();
  try {
    const results: pg.QueryResult[] = [];
    for (const statement of statements) results.push(await client.query(statement));
    return results;
  } finally {
    await client.end();
  }
}

const CUT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;

/** Every connection is ended by the server, whatever is under way on it. */
export function cut(postgres: ClusterServer, holdMs: number): Fault {
  return {
    name: 'postgres connections cut',
    target: TARGET,
    holdMs,
    apply: async () => void (await ask(postgres, CUT)),
    heal: async () => {},
  };
}

/** Writes are refused, as by a full disk's guard or by a primary that has become a standby. */
export function readOnly(postgres: ClusterServer, holdMs: number): Fault {
  const set = async (change: string) =>
    void (await ask(postgres, 'SET default_transaction_read_only = off', change, 'SELECT pg_reload_conf()'));
  return {
    name: 'postgres read-only',
    target: TARGET,
    holdMs,
    apply: () => set('ALTER SYSTEM SET default_transaction_read_only = on'),
    heal: () => set('ALTER SYSTEM RESET default_transaction_read_only'),
  };
}

/** The whole server stands still: it takes no connection, and those it has hang in the middle of their statements. */
export function frozen(postgres: ClusterServer, holdMs: number): Fault {
  let pids: number[] = [];
  const freezeAll = async () => {
    const [result] = await ask(postgres, `SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()`);
    pids = (result?.rows ?? []).map(({ pid }: { pid: number }) => pid);
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

/** A full disk: what needs a new block is refused, and without room for its log the server ends itself. */
export function diskFull({ postgres, disk }: { postgres: ClusterServer; disk: DataDisk }, holdMs: number): Fault {
  const heal = async () => {
    disk.empty();
    // It runs on where it did not need to write its log.
    await postgres.start();
  };
  return { name: 'postgres disk full', target: TARGET, holdMs, apply: () => disk.fill(), heal };
}
