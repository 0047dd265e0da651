import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { migrateToLatest } from '../../db/migrate.ts';
import { ensureServers } from '../../services/local/install/ensure-programs.ts';
import { silentProgress } from '../../services/local/progress.ts';
import { freePort } from '../../services/local/servers/free-port.ts';
import { postgresUrl, startPostgres, stopPostgres } from '../../services/local/servers/postgres.ts';
import { redisUrl, startRedis, stopRedis } from '../../services/local/servers/redis.ts';
import { StateDir } from '../../services/local/state/state-dir.ts';
import { guardProcess, testDir } from '../../tests/support/test-run.ts';

/** Nobody else's: only this machine reaches them, and they go away with the bench. */
const PASSWORD = 'bench-only';

export interface BenchServers {
  redis: { url: string; port: number; password: string };
  postgres: { url: string; pid: number };
}

/**
 * Runs `work` with a private Redis (appendfsync everysec) and a private, migrated Postgres (fsync on), as `make up` starts them. They end with
 * the bench, also with a killed one.
 */
export async function withServers(work: (servers: BenchServers) => Promise<void>): Promise<void> {
  const root = testDir('bench');
  const stops: Array<() => Promise<unknown>> = [];
  try {
    const binaries = await ensureServers(StateDir.of(process.env), silentProgress);
    const place = async (name: string) => ({
      dir: join(root, name),
      port: await freePort(),
      password: PASSWORD,
      logFile: join(root, `${name}.log`),
      durable: true,
      onSpawn: guardProcess,
    });
    const redisPlace = await place('redis');
    const redis = await startRedis({ ...redisPlace, binary: binaries.redis });
    stops.push(() => stopRedis(redis));
    const postgresPlace = await place('postgres');
    const postgres = await startPostgres({ ...postgresPlace, binary: binaries.postgres, maxConnections: 40 });
    stops.push(() => stopPostgres(postgres));
    const url = postgresUrl(postgresPlace.port, PASSWORD);
    await migrateToLatest(url);
    const { port } = redisPlace;
    await work({
      redis: { url: redisUrl(port, PASSWORD), port, password: PASSWORD },
      postgres: { url, pid: postgres.pid },
    });
  } finally {
    for (const stop of stops.reverse()) await stop();
    rmSync(root, { recursive: true, force: true });
  }
}
