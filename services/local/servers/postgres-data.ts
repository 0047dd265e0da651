import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { environment, POSTGRES_DATABASE, POSTGRES_USER, type PostgresOptions } from './postgres-options.ts';
import type { Unprivileged } from './unprivileged.ts';

/** The folder `data`, made under another name and renamed at the end, so that an interrupted attempt is not taken for a database. */
export async function makeData(options: PostgresOptions, runner: Unprivileged): Promise<void> {
  const draft = join(options.dir, 'data.new');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  runner.own(draft);
  const follows = options.pair?.follows ?? null;
  if (follows === null) await initialise(options, draft, runner);
  else await copyData(options, follows.port, draft, runner);
  renameSync(draft, join(options.dir, 'data'));
}

async function initialise(options: PostgresOptions, draft: string, runner: Unprivileged): Promise<void> {
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
}

/** A copy of the server at `port` that goes on following it when it is started. */
async function copyData(options: PostgresOptions, port: number, draft: string, runner: Unprivileged): Promise<void> {
  const from = ['-h', '127.0.0.1', '-p', String(port), '-U', POSTGRES_USER];
  const how = ['--checkpoint=fast', '--write-recovery-conf', ...(options.durable ? [] : ['--no-sync'])];
  const program = join(dirname(options.binary.path), 'pg_basebackup');
  await run(options, runner, program, [...from, '-D', draft, ...how], '', { PGPASSWORD: options.password });
}

async function run(
  options: PostgresOptions,
  runner: Unprivileged,
  program: string,
  programArgs: string[],
  input = '',
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const { command, args } = runner.wrap(program, programArgs);
  const result = await execa(command, args, {
    cwd: '/',
    env: { ...environment(options), ...env },
    extendEnv: false,
    input,
    all: true,
    reject: false,
    ...runner.spawnAs,
  });
  if (result.failed) throw new Error(`${program} failed.\n${result.all}`);
}
