import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { postgresUrl, startPostgres as startServer, stopPostgres } from '../../services/local/servers/postgres.ts';
import { postgresCommand } from '../../services/local/servers/postgres-command.ts';
import type { PostgresOptions } from '../../services/local/servers/postgres-options.ts';
import { type PrivateServer, privateServer } from './private-server.ts';
import { atEndOfRun, testBinary, testDir } from './test-run.ts';

const PASSWORD = 'tests-only';

export interface TestDatabase {
  url: string;
  /** Drops it; connections still open are cut. */
  close(): Promise<void>;
}

export interface TestPostgres extends PrivateServer {
  readonly url: string;
}

let shared: Promise<TestPostgres> | undefined;

/** A fresh, empty database on the Postgres of this run. `migrated`: with all tables. */
export async function testDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  shared ??= sharedServer();
  const server = await shared;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await postgresCommand(server.url, `CREATE DATABASE ${name}`);
  const url = postgresUrl(server.port, PASSWORD, name);
  if (options.migrated) await migrate(url);
  return {
    url,
    close: async () => void (await postgresCommand(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/**
 * A Postgres of the caller's own, to be killed and started at will; the database is empty. `durable`: with fsync, for tests about what
 * survives a crash of the machine (a crash of the process alone loses nothing either way). Ends with the run if not before.
 */
export async function startPostgres(options: { durable?: boolean } = {}): Promise<TestPostgres> {
  return startOwn(PASSWORD, { durable: options.durable ?? false, maxConnections: 200 });
}

/** Another one that follows the server at `primaryUrl`, one of ours, until it is promoted. */
export async function startStandby(primaryUrl: string): Promise<TestPostgres> {
  const { port, password } = new URL(primaryUrl);
  const [row] = await postgresCommand<{ max_connections: string }>(primaryUrl, 'SHOW max_connections');
  const pair = { name: 'standby', follows: { port: Number(port) } };
  return startOwn(password, { durable: false, maxConnections: Number(row?.max_connections), pair });
}

async function startOwn(
  password: string,
  options: Pick<PostgresOptions, 'durable' | 'maxConnections' | 'pair'>,
): Promise<TestPostgres> {
  const dir = testDir('postgres');
  const server = await privateServer({
    start: (place) =>
      startServer({
        binary: testBinary('postgres'),
        dir,
        ...place,
        password,
        logFile: join(dir, 'log'),
        ...options,
      }),
    stop: stopPostgres,
  });
  atEndOfRun(() => server.stop());
  return Object.assign(server, { url: postgresUrl(server.port, password) });
}

function sharedServer(): Promise<TestPostgres> {
  return startPostgres();
}

async function migrate(url: string): Promise<void> {
  const { migrateToLatest } = await import('../../db/migrate.ts');
  await migrateToLatest(url);
}
