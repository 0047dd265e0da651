/**
 * One-shot that brings the tables to this release and ends; replicas start after it. WEIR_DATABASE_URL names Postgres itself and not the
 * pooler: a migration may take long, wait for locks and build indexes concurrently, and none of that should sit on a pooled connection.
 */
import { migrateToLatest } from '../../db/migrate.ts';
import { ConfigError, loadSettings } from '../../shared/config/load.ts';
import { createLogger } from '../../shared/observability/logger.ts';

async function main(): Promise<void> {
  // No role that needs more than a database.
  const settings = loadSettings({ ...process.env, ROLES: 'dispatcher' });
  const log = createLogger({ level: settings.WEIR_LOG_LEVEL, fields: { replica: settings.WEIR_REPLICA_ID } });
  const migrations = await migrateToLatest(settings.WEIR_DATABASE_URL);
  log.info('tables are up to date', { migrations });
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
});
