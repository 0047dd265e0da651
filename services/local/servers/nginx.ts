import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ProcessRef } from '../processes/process-ref.ts';
import { spawnDetached } from '../processes/spawn-detached.ts';
import { signalProcess, stopAll, stopProcess } from '../processes/stop-process.ts';
import { straysIn } from '../processes/strays.ts';
import { untilReady } from '../processes/until-ready.ts';
import type { ServerBinary } from './binaries.ts';

export interface NginxOptions {
  binary: ServerBinary;
  /** Folder of this server alone: configuration, logs of Nginx itself, temporary files. */
  dir: string;
  /** Where the configuration listens; asked to know when it is ready. */
  port: number;
  /** The whole configuration, with paths relative to `dir`. */
  configuration: string;
  logFile: string;
  /** Called as soon as the process exists, long before it is ready. */
  onSpawn?: (ref: ProcessRef) => void;
}

/** Starts a private Nginx; resolves when it listens. Rejects with what Nginx says about a bad configuration. */
export async function startNginx(options: NginxOptions): Promise<ProcessRef> {
  mkdirSync(join(options.dir, 'temp'), { recursive: true, mode: 0o711 });
  // Workers survive a killed master and keep its port.
  await stopAll(straysIn(options.dir, options.binary.path), { signal: 'SIGTERM', graceMs: 2_000 });
  await writeConfiguration(options);
  const args = [...place(options), '-g', 'daemon off;'];
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

/** Tested under another name first: a bad configuration must never replace a good one. */
async function writeConfiguration(options: NginxOptions): Promise<void> {
  writeFileSync(join(options.dir, 'nginx.conf.new'), options.configuration, { mode: 0o600 });
  const test = await execa(options.binary.path, [...place(options, 'nginx.conf.new'), '-q', '-t'], {
    env: environment(options),
    extendEnv: false,
    all: true,
    reject: false,
  });
  if (test.failed) throw new Error(`Nginx does not accept its configuration.\n${test.all}`);
  writeFileSync(join(options.dir, 'nginx.conf'), options.configuration, { mode: 0o600 });
}

function place(options: NginxOptions, file = 'nginx.conf'): string[] {
  return ['-p', `${options.dir}/`, '-c', join(options.dir, file), '-e', options.logFile];
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
