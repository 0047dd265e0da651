import { createDatabase, type Database } from '../../../db/database.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { recordedLog } from '../recorded-log.ts';

/** With few connections, so that many suites share one Postgres. */
export function openDatabase(url: string): Database {
  return createDatabase({ WEIR_DATABASE_URL: url, WEIR_DATABASE_POOL_SIZE: 4 }, createMetrics(), recordedLog());
}
