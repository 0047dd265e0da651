import { rmSync } from 'node:fs';
import {
  type LocalCluster,
  type StartClusterOptions,
  startCluster as startLocalCluster,
} from '../../services/local/local-cluster.ts';
import { atEndOfRun, guardProcess, testDir } from './test-run.ts';

/**
 * A cluster of real processes for one test file (start it in `before`, `close` it in `after`, with a timeout of a minute: the first one compiles).
 * Ends with the run, also with a killed one.
 */
export async function startCluster(options: Omit<StartClusterOptions, 'dir' | 'onSpawn'> = {}): Promise<LocalCluster> {
  const dir = testDir('cluster');
  const cluster = await startLocalCluster({ ...options, dir, onSpawn: guardProcess });
  const end = cluster.close;
  const close = async () => {
    await end();
    rmSync(dir, { recursive: true, force: true });
  };
  atEndOfRun(close);
  return Object.assign(cluster, { close });
}
