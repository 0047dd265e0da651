import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessRef } from '../processes/process-ref.ts';
import { spawnDetached } from '../processes/spawn-detached.ts';
import { stopAll, stopProcess } from '../processes/stop-process.ts';
import { straysIn } from '../processes/strays.ts';
import { untilReady } from '../processes/until-ready.ts';
import type { ServerBinary } from './binaries.ts';
import { redisCommand } from './redis-command.ts';

export interface RedisOptions {
  binary: ServerBinary;
  /** Folder of this server alone; its append-only file lives here. */
  dir: string;
  port: number;
  password: string;
  logFile: string;
  /** Called as soon as the process exists, long before it is ready. */
  onSpawn?: (ref: ProcessRef) => void;
  /** false: nothing is written to disk, a restart begins empty. */
  durable: boolean;
}

/** Loading a large append-only file takes a while. */
const START_TIMEOUT_MS = 60_000;

export function redisUrl(port: number, password: string): string {
  return `redis://:${password}@127.0.0.1:${port}`;
}

/** Starts a private Redis on 127.0.0.1; resolves when it answers, with its data loaded. */
export async function startRedis(options: RedisOptions): Promise<ProcessRef> {
  mkdirSync(options.dir, { recursive: true, mode: 0o711 });
  // A server whose pid file was lost would write the same append-only file.
  await stopAll(straysIn(options.dir, options.binary.path), { signal: 'SIGTERM', graceMs: 20_000 });
  const settings: Record<string, string> = {
    bind: '127.0.0.1',
    port: String(options.port),
    dir: `"${options.dir}"`,
    requirepass: options.password,
    // Losing a second of Redis is safe (Postgres is the record); evicting a lease never is.
    appendonly: options.durable ? 'yes' : 'no',
    appendfsync: 'everysec',
    save: '""',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  // In a file and not on the command line, where every user of the machine could read the password.
  const file = join(options.dir, 'redis.conf');
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
    { mode: 0o600 },
  );
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', ...options.binary.environment };
  const ref = await spawnDetached({
    command: options.binary.path,
    args: [file],
    cwd: options.dir,
    env,
    logFile: options.logFile,
  });
  options.onSpawn?.(ref);
  await untilReady(ref, {
    name: 'Redis',
    logFile: options.logFile,
    timeoutMs: START_TIMEOUT_MS,
    isReady: () => answersPing(options),
  });
  return ref;
}

/** Redis writes out its append-only file before it ends. */
export function stopRedis(ref: ProcessRef): Promise<'gone' | 'stopped' | 'killed'> {
  return stopProcess(ref, { signal: 'SIGTERM', graceMs: 20_000 });
}

async function answersPing(options: RedisOptions): Promise<boolean> {
  return (await redisCommand(options, ['PING'], 1_000).catch(() => '')) === '+PONG';
}
