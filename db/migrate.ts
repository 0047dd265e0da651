import { setTimeout as sleep } from 'node:timers/promises';
import knex from 'knex';
import pg from 'pg';
import { knexConfig } from './knexfile.ts';
import { PrimarySearch } from './primary-search.ts';

/** Any constant will do as long as nobody else in the database uses it: "weir" in ASCII. */
const LOCK_KEY = 0x77656972;
const LOCK_POLL_MS = 100;
/** Longer than any migration should take; then the operator hears about it instead of a replica that hangs. */
const LOCK_WAIT_MS = 600_000;

/** Brings the database at `url` to the latest schema; answers the names of the migrations it ran. Any number of processes may call it at once: one works, the others wait and find nothing to do. */
export function migrateToLatest(url: string): Promise<string[]> {
  return migrate(url, async (migrator) => {
    // A process that died in a migration without a transaction leaves knex's own lock set. We hold the real one, so nobody owns it.
    await migrator.forceFreeMigrationsLock();
    const [, names] = await migrator.latest();
    return names;
  });
}

/** Takes back the last migration; answers its name, or null when there is none. */
export function migrateDown(url: string): Promise<string | null> {
  return migrate(url, async (migrator) => {
    const [, names] = await migrator.down();
    return names[0] ?? null;
  });
}

async function migrate<T>(anyUrl: string, work: (migrator: knex.Knex['migrate']) => Promise<T>): Promise<T> {
  const { url } = await new PrimarySearch(anyUrl).find();
  return await withLock(url, async () => {
    const connection = knex(knexConfig(url));
    try {
      return await work(connection.migrate);
    } finally {
      await connection.destroy();
    }
  });
}

/**
 * Runs `work` while holding an advisory lock. The lock belongs to a transaction, not to a session, so that it also works through
 * PgBouncer in transaction mode. Waiting is by asking again, not by `pg_advisory_xact_lock`: a statement that waits holds a snapshot,
 * and `CREATE INDEX CONCURRENTLY` in the holder's migration would wait for that snapshot, for ever.
 */
async function withLock<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'weir-migrate-lock', keepAlive: true });
  // Without a listener a connection that breaks while idle would end the process; the lock is then gone and COMMIT says so.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0');
    await takeLock(client);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
}

async function takeLock(client: pg.Client): Promise<void> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS taken', [
      LOCK_KEY,
    ]);
    if (rows[0]?.taken) return;
    if (performance.now() > deadline)
      throw new Error(`Another process has been migrating for ${LOCK_WAIT_MS / 60_000} minutes.`);
    await sleep(LOCK_POLL_MS);
  }
}
