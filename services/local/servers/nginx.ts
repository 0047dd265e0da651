import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { execa } from 'execa';
import type { ProcessRef } from '../processes/process-ref.ts';
import { spawnDetached } from '../processes/spawn-detached.ts';
import { signalProcess, stopAll, stopProcess } from '../processes/stop-process.ts';
import { straysIn } from '../processes/strays.ts';
import { untilReady } from '../processes/until-ready.ts';
import type { ServerBinary } from './binaries.ts';
import { isPortFree } from './free-port.ts';

export interface NginxOptions {
  binary: ServerBinary;
  /** Folder of this server alone: configuration, logs of Nginx itself, temporary files. */
  dir: string;
  /** Where the configuration listens; asked to know when it is ready. */
  port: number;
  /** Every file of the configuration by its path below `dir`; the main one is `conf.d/nginx.conf`, includes are relative to it. */
  configuration: Readonly<Record<string, string>>;
  logFile: string;
  /** Called as soon as the process exists, long before it is ready. */
  onSpawn?: (ref: ProcessRef) => void;
}

const MAIN_FILE = 'conf.d/nginx.conf';

/** Starts a private Nginx; resolves when it listens. Rejects with what Nginx says about a bad configuration, and when its port is taken. */
export async function startNginx(options: NginxOptions): Promise<ProcessRef> {
  mkdirSync(join(options.dir, 'temp'), { recursive: true, mode: 0o711 });
  // Workers survive a killed master and keep its port.
  await stopAll(straysIn(options.dir, options.binary.path), { signal: 'SIGTERM', graceMs: 2_000 });
  // Whoever listens there would be taken for it below, as Nginx itself goes on trying for seconds.
  if (!(await isPortFree(options.port))) throw new Error(`Port ${options.port} of Nginx is taken by another program.`);
  await writeConfiguration(options);
  // As root the master would make its workers `nobody`, who may not enter our folders.
  const args = [...place(options, options.dir), '-g', `daemon off;${process.getuid?.() === 0 ? ' user root;' : ''}`];
  const ref = await spawnDetached({
    command: options.binary.path,
    args,
    cwd: options.dir,
    env: environment(options),
    logFile: options.logFile,
  });
  options.onSpawn?.(ref);
  await untilReady(ref, {
    name: 'Nginx',
    logFile: options.logFile,
    timeoutMs: 10_000,
    isReady: () => accepts(options.port),
  });
  return ref;
}

/** Puts a new configuration in force without losing a connection. */
export async function reloadNginx(ref: ProcessRef, options: NginxOptions): Promise<void> {
  await writeConfiguration(options);
  if (!signalProcess(ref, 'SIGHUP')) throw new Error('Nginx is not running, so it cannot be reloaded.');
}

export function stopNginx(ref: ProcessRef): Promise<'gone' | 'stopped' | 'killed'> {
  return stopProcess(ref, { signal: 'SIGTERM', graceMs: 5_000 });
}

/** Whether exactly these files are in force already. */
export function hasConfiguration(options: NginxOptions): boolean {
  const present = foldersOf(options).flatMap((folder) => {
    const dir = join(options.dir, folder);
    return existsSync(dir) ? readdirSync(dir).map((name) => join(folder, name)) : [];
  });
  const contents = present.map((path) => [path, readFileSync(join(options.dir, path), 'utf8')] as const);
  return isDeepStrictEqual(Object.fromEntries(contents), options.configuration);
}

/** Tested in another folder first: a bad configuration must never replace a good one. */
async function writeConfiguration(options: NginxOptions): Promise<void> {
  const trial = join(options.dir, 'trial');
  writeFiles(trial, options);
  const test = await execa(options.binary.path, [...place(options, trial), '-q', '-t'], {
    env: environment(options),
    extendEnv: false,
    all: true,
    reject: false,
  });
  if (test.failed) throw new Error(`Nginx does not accept its configuration.\n${test.all}`);
  writeFiles(options.dir, options);
  rmSync(trial, { recursive: true });
}

/** Also takes away what is no longer there: a file may count by its presence. */
function writeFiles(dir: string, options: NginxOptions): void {
  for (const folder of foldersOf(options)) {
    mkdirSync(join(dir, folder), { recursive: true, mode: 0o711 });
    for (const name of readdirSync(join(dir, folder)))
      if (options.configuration[join(folder, name)] === undefined) rmSync(join(dir, folder, name));
  }
  for (const [path, content] of Object.entries(options.configuration))
    writeFileSync(join(dir, path), content, { mode: 0o600 });
}

function foldersOf(options: NginxOptions): string[] {
  return [...new Set(Object.keys(options.configuration).map((path) => dirname(path)))];
}

function place(options: NginxOptions, dir: string): string[] {
  return ['-p', `${options.dir}/`, '-c', join(dir, MAIN_FILE), '-e', options.logFile];
}

function environment(options: NginxOptions): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', ...options.binary.environment };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
