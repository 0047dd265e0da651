import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { postgresUrl, startPostgres as startServer, stopPostgres } from '../../services/local/servers/postgres.ts';
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
  await administer(server.url, `CREATE DATABASE ${name}`);
  const url = postgresUrl(server.port, PASSWORD, name);
  if (options.migrated) await migrate(url);
  return { url, close: () => administer(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/**
 * A Postgres of the caller's own, to be killed and started at will; the database is empty. `durable`: with fsync, for tests about what
 * survives a crash of the machine (a crash of the process alone loses nothing either way). Ends with the run if not before.
 */
export async function startPostgres(options: { durable?: boolean } = {}): Promise<TestPostgres> {
  const dir = testDir('postgres');
  const server = await privateServer({
    start: (place) =>
      startServer({
        binary: testBinary('postgres'),
        dir,
        ...place,
        password: PASSWORD,
        logFile: join(dir, 'log'),
        durable: options.durable ?? false,
        maxConnections: 200,
      }),
    stop: stopPostgres,
  });
  atEndOfRun(() => server.stop());
  return Object.assign(server, { url: postgresUrl(server.port, PASSWORD) });
}

function sharedServer(): Promise<TestPostgres> {
  return startPostgres();
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function migrate(url: string): Promise<void> {
  const { migrateToLatest } = await import('../../db/migrate.ts');
  await migrateToLatest(url);
}
