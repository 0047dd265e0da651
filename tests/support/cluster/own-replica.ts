import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { answers } from '../../../services/local/cluster/node-program.ts';
import type { ClusterReplica, LocalCluster } from '../../../services/local/local-cluster.ts';
import { processAt } from '../../../services/local/processes/process-ref.ts';
import { freePort } from '../../../services/local/servers/free-port.ts';
import { readJson } from '../../../services/local/state/json-file.ts';
import type { Secrets } from '../../../services/local/state/secrets.ts';
import { PACKAGE_ROOT } from '../../../shared/config/package.ts';
import { guardProcess } from '../test-run.ts';
import { until } from '../until.ts';

/** A replica that is a child of the test, which therefore sees how it ends. Nginx does not know it. */
export interface OwnReplica extends Pick<ClusterReplica, 'id' | 'url' | 'internalUrl'> {
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code (null: a signal ended it) and the time (Unix ms). */
  readonly exited: Promise<{ code: number | null; at: number }>;
}

/** The program as it is shipped; see the parameter of {@link startOwnReplica}. */
const BUILT: readonly string[] = [join(PACKAGE_ROOT, 'dist/services/main.js')];

/** Starts one more replica of a cluster; resolves when it is ready. `program`: arguments of Node. */
export async function startOwnReplica(
  cluster: LocalCluster,
  id: string,
  settings: Record<string, string>,
  program: readonly string[] = BUILT,
): Promise<OwnReplica> {
  const secrets = readJson<Secrets>(join(dirname(cluster.logDir), 'secrets.json'));
  const port = await freePort();
  const internalPort = await freePort(new Set([port]));
  const log = openSync(join(cluster.logDir, `${id}.log`), 'a');
  const child = spawn(process.execPath, [...program], {
    env: {
      PATH: process.env.PATH,
      WEIR_REPLICA_ID: id,
      WEIR_PORT: String(port),
      WEIR_INTERNAL_PORT: String(internalPort),
      WEIR_DATABASE_URL: cluster.databaseUrl,
      WEIR_REDIS_URL: cluster.redis.url,
      WEIR_JWT_SECRET: secrets?.jwtSecret,
      ...settings,
    },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = once(child, 'exit').then(([code]) => ({ code: code as number | null, at: Date.now() }));
  await once(child, 'spawn');
  const ref = processAt(child.pid ?? 0);
  if (ref !== null) guardProcess(ref);
  const url = `http://127.0.0.1:${port}`;
  await until(() => answers(`${url}/ready`), { timeoutMs: 30_000, what: `${id} to be ready` });
  return {
    id,
    url,
    internalUrl: `http://127.0.0.1:${internalPort}`,
    exited,
    signal: (signal) => void child.kill(signal),
  };
}
