import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { commandName } from '../processes/command-name.ts';
import { type ProcessRef, processAt } from '../processes/process-ref.ts';
import { spawnDetached } from '../processes/spawn-detached.ts';
import { stopAll, stopProcess } from '../processes/stop-process.ts';
import { straysIn } from '../processes/strays.ts';
import { untilReady } from '../processes/until-ready.ts';
import type { ServerBinary } from './binaries.ts';
import { type Unprivileged, unprivileged } from './unprivileged.ts';

export interface PostgresOptions {
  binary: ServerBinary;
  /** Folder of this server alone; `data` in it is made when missing. */
  dir: string;
  port: number;
  /** Of the user `weir`; used when the data folder is made. */
  password: string;
  logFile: string;
  /** Called as soon as the process exists, long before it is ready. */
  onSpawn?: (ref: ProcessRef) => void;
  /** false gives up safety of data for speed: tests only. */
  durable: boolean;
  maxConnections: number;
}

/** The user and database every private server has. */
export const POSTGRES_USER = 'weir';
export const POSTGRES_DATABASE = 'weir';

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
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(options, data, runner);
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

function environment(options: PostgresOptions): NodeJS.ProcessEnv {
  // TZ: a machine without time zone data still knows GMT.
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'GMT', ...options.binary.environment };
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
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off', shared_buffers: '32MB' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Made under another name and renamed at the end, so that an interrupted attempt is not taken for a database. */
async function initialise(options: PostgresOptions, data: string, runner: Unprivileged): Promise<void> {
  const draft = join(options.dir, 'data.new');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  runner.own(draft);
  const passwordFile = join(options.dir, 'password.new');
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  runner.own(passwordFile);
  const initdb = join(dirname(options.binary.path), 'initdb');
  const settings = [
    '--username',
    POSTGRES_USER,
    '--pwfile',
    passwordFile,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
  ];
  try {
    await run(options, runner, initdb, ['-D', draft, ...settings, ...(options.durable ? [] : ['--no-sync'])]);
    // Single-user mode: the database is there before anybody can connect, and no client program is needed.
    const single = [
      '--single',
      '-D',
      draft,
      '-c',
      'timezone=GMT',
      ...(options.durable ? [] : ['-c', 'fsync=off']),
      'postgres',
    ];
    await run(options, runner, options.binary.path, single, `CREATE DATABASE ${POSTGRES_DATABASE};\n`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(draft, data);
}

async function run(
  options: PostgresOptions,
  runner: Unprivileged,
  program: string,
  programArgs: string[],
  input = '',
): Promise<void> {
  const { command, args } = runner.wrap(program, programArgs);
  const result = await execa(command, args, {
    cwd: '/',
    env: environment(options),
    extendEnv: false,
    input,
    all: true,
    reject: false,
    ...runner.spawnAs,
  });
  if (result.failed) throw new Error(`${program} failed.\n${result.all}`);
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
