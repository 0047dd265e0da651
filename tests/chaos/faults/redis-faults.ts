import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LocalCluster } from '../../../services/local/local-cluster.ts';
import { redisCommand } from '../../../services/local/servers/redis-command.ts';
import type { Fault } from './fault.ts';

const TARGET = 'redis';
/** Most that is cut off the append-only file (bytes): some hundred commands. */
const MOST_CUT_BYTES = 20_000;

type Cluster = Pick<LocalCluster, 'redis' | 'logDir'>;

async function command({ redis }: Cluster, ...words: string[]): Promise<void> {
  const { port, password } = new URL(redis.url);
  const answer = await redisCommand({ port: Number(port), password: decodeURIComponent(password) }, words);
  if (answer.startsWith('-')) throw new Error(`Redis refused ${words.join(' ')}: ${answer}`);
}

const appendOnlyDir = ({ logDir }: Cluster) => join(dirname(logDir), 'parts/redis/appendonlydir');

/** All data gone, the server goes on. */
export function emptied(cluster: Cluster, holdMs: number): Fault {
  return {
    name: 'redis emptied',
    target: TARGET,
    holdMs,
    apply: () => command(cluster, 'FLUSHALL'),
    heal: async () => {},
  };
}

/** Killed, and its data is gone when it is back. */
export function restartedEmpty(cluster: Cluster, holdMs: number): Fault {
  const apply = async () => {
    await cluster.redis.kill();
    rmSync(appendOnlyDir(cluster), { recursive: true, force: true });
  };
  return { name: 'redis killed, data lost', target: TARGET, holdMs, apply, heal: () => cluster.redis.start() };
}

/** Killed, and the end of its append-only file is lost: it comes back with an older state. `share`: 0 to 1, of the most that is cut. */
export function truncated(cluster: Cluster, share: number, holdMs: number): Fault {
  const bytes = Math.ceil(share * MOST_CUT_BYTES);
  const apply = async () => {
    await cluster.redis.kill();
    const dir = appendOnlyDir(cluster);
    const file = readdirSync(dir).find((name) => name.endsWith('.incr.aof'));
    if (file === undefined) throw new Error(`no append-only file in ${dir}`);
    truncateSync(join(dir, file), Math.max(0, statSync(join(dir, file)).size - bytes));
  };
  const name = `redis killed, last ${bytes} bytes lost`;
  return { name, target: TARGET, holdMs, apply, heal: () => cluster.redis.start() };
}

/** Takes commands and answers none until the time is over. */
export function paused(cluster: Cluster, holdMs: number): Fault {
  const apply = () => command(cluster, 'CLIENT', 'PAUSE', String(holdMs), 'ALL');
  return { name: 'redis paused', target: TARGET, holdMs, apply, heal: () => command(cluster, 'CLIENT', 'UNPAUSE') };
}

/** Out of memory under `noeviction`: reads work, writes are refused. */
export function full(cluster: Cluster, holdMs: number): Fault {
  const limit = (bytes: string) => command(cluster, 'CONFIG', 'SET', 'maxmemory', bytes);
  return { name: 'redis full', target: TARGET, holdMs, apply: () => limit('1000000'), heal: () => limit('0') };
}

/** A replica of a primary that does not exist: what a failover leaves behind for a while. */
export function readOnly(cluster: Cluster, holdMs: number): Fault {
  const follow = (...whom: string[]) => command(cluster, 'REPLICAOF', ...whom);
  const name = 'redis read-only';
  return { name, target: TARGET, holdMs, apply: () => follow('127.0.0.1', '1'), heal: () => follow('NO', 'ONE') };
}
