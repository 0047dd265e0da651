import type { Knex } from 'knex';
import { MigrationSource } from './migration-source.ts';

/** Settings of knex, which only migrates; every query of the service goes through the pool (pool.ts). */
export function knexConfig(url: string): Knex.Config {
  return {
    client: 'pg',
    connection: { connectionString: url, application_name: 'weir-migrate' },
    pool: { min: 0, max: 1 },
    migrations: {
      migrationSource: new MigrationSource(),
      tableName: 'migrations',
      // A replica of the previous release that restarts during a rolling deploy meets migrations it does not know. They are additive, so it serves on.
      disableMigrationsListValidation: true,
    },
  };
}
