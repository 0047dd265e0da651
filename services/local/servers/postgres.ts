import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commandName } from '../processes/command-name.ts';
import { type ProcessRef, processAt } from '../processes/process-ref.ts';
import { spawnDetached } from '../processes/spawn-detached.ts';
import { stopAll, stopProcess } from '../processes/stop-process.ts';
import { straysIn } from '../processes/strays.ts';
import { untilReady } from '../processes/until-ready.ts';
import { makeData } from './postgres-data.ts';
import { environment, POSTGRES_DATABASE, POSTGRES_USER, type PostgresOptions } from './postgres-options.ts';
import { unprivileged } from './unprivileged.ts';

/** Recovery after a crash replays the log, which may take a while on a slow disk. */
const START_TIMEOUT_MS = 60_000;

export function postgresUrl(port: number, password: string, database = POSTGRES_DATABASE): string {
  return `postgres://${POSTGRES_USER}:${password}@127.0.0.1:${port}/${database}`;
}

/** Starts a private Postgres on 127.0.0.1 (no socket files); resolves when it takes connections. The data folder is made at the first start. */
export async function startPostgres(options: PostgresOptions): Promise<ProcessRef> {
  mkdirSync(options.dir, { recursive: true, mode: 0o711 });
  const data = join(options.dir, 'data');
  const runner = unprivileged([options.dir, options.binary.path], data);
  await endStrays(data, options.binary.path);
  if (!existsSync(join(data, 'PG_VERSION'))) await makeData(options, runner);
  const { command, args } = runner.wrap(options.binary.path, ['-D', data, ...serverSettings(options)]);
  const ref = await spawnDetached({
    command,
    args,
    cwd: data,
    env: environment(options),
    logFile: options.logFile,
    ...runner.spawnAs,
  });
  options.onSpawn?.(ref);
  await untilReady(ref, {
    name: 'Postgres',
    logFile: options.logFile,
    timeoutMs: START_TIMEOUT_MS,
    isReady: () => isReady(data, ref),
  });
  return ref;
}

/**
 * After `kill -9` of the server its children end by themselves within moments; a server whose pid file was lost is asked to. The lock file
 * may name a dead process that nobody waited for, or whoever has the number now, and Postgres would take either for itself: then, and only
 * then, it is removed. Otherwise Postgres must judge, for two servers on the same data would destroy it.
 */
async function endStrays(data: string, file: string): Promise<void> {
  await stopAll(straysIn(data, file), { signal: 'SIGINT', graceMs: 20_000 });
  const pid = Number(lockFileLines(data)[0]);
  const isLivingPostgres = pid > 0 && processAt(pid) !== null && commandName(pid) === 'postgres';
  if (!isLivingPostgres) rmSync(join(data, 'postmaster.pid'), { force: true });
}

/** A fast stop: connections are closed, data is safe. */
export function stopPostgres(ref: ProcessRef): Promise<'gone' | 'stopped' | 'killed'> {
  return stopProcess(ref, { signal: 'SIGINT', graceMs: 20_000 });
}

function serverSettings(options: PostgresOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(options.port),
    unix_socket_directories: '',
    max_connections: String(options.maxConnections),
    // Shared memory in files of the data folder: nothing is left in /dev/shm when the server is killed.
    dynamic_shared_memory_type: 'mmap',
    timezone: 'GMT',
    log_timezone: 'GMT',
    // The compiler for long queries would need its 100 MB library; there are no long queries here.
    jit: 'off',
    max_wal_size: '2GB',
    shared_buffers: '128MB',
    log_checkpoints: 'off',
    ...(options.pair === undefined ? {} : pairSettings(options.pair.name)),
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off', shared_buffers: '32MB' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The standby is known to its primary by this name, and a primary that was restarted is found again soon: its commits wait for the standby. */
function pairSettings(name: string): Record<string, string> {
  return { cluster_name: name, wal_retrieve_retry_interval: '500ms', wal_keep_size: '256MB' };
}

/** What `pg_ctl` looks at: line 1 of the lock file is the process, line 8 its state. */
function isReady(data: string, ref: ProcessRef): boolean {
  const lines = lockFileLines(data);
  return lines[0]?.trim() === String(ref.pid) && lines[7]?.trim() === 'ready';
}

function lockFileLines(data: string): string[] {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}
