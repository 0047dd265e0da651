import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { nginxConfiguration } from '../../services/local/cluster/nginx-configuration.ts';
import { ensureServers } from '../../services/local/install/ensure-programs.ts';
import { type LocalCluster, startCluster } from '../../services/local/local-cluster.ts';
import { processAt } from '../../services/local/processes/process-ref.ts';
import { silentProgress } from '../../services/local/progress.ts';
import { freePort } from '../../services/local/servers/free-port.ts';
import { startNginx, stopNginx } from '../../services/local/servers/nginx.ts';
import { StateDir } from '../../services/local/state/state-dir.ts';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { guardProcess, testDir } from '../../tests/support/test-run.ts';

/** Bounds so wide that a bench measures admission, not refusals. */
export const UNBOUNDED = {
  // A bench may have one user for everything.
  WEIR_USER_REQUESTS_PER_SECOND: '0',
  WEIR_QUEUE_MAX: '100000000',
  WEIR_QUEUE_MAX_PER_USER: '100000000',
  WEIR_QUEUE_TIMEOUT_SECONDS: '86400',
} as const;

/** Runs `work` with a cluster that keeps its promises (fsync on), and takes everything away afterwards, also when the bench is killed. */
export async function withCluster(
  settings: Record<string, string>,
  work: (cluster: LocalCluster) => Promise<void>,
  settingsOf: (replica: string) => Record<string, string> = () => ({}),
  replicas = 3,
): Promise<void> {
  const dir = testDir('bench');
  let cluster: LocalCluster | undefined;
  try {
    cluster = await startCluster({ dir, settings, settingsOf, replicas, durable: true, onSpawn: guardProcess });
    await work(cluster);
  } finally {
    await cluster?.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What a bench compares with: a bare program behind an Nginx of the same configuration. */
export interface Reference {
  url: string;
  /** Of its processes, and of Nginx. */
  pids: number[];
  nginxPid: number;
}

export interface ReferencePlan {
  /** Beside this file; gets a port as its first argument, and answers `GET /ready`. */
  program: string;
  args?: string[];
  count: number;
  /** Of Nginx, as in nginx/README.md. */
  settings?: Record<string, string>;
}

/** Bare Express, `count` processes behind an Nginx of the same configuration. Answers its URL. */
export function withEcho(count: number, work: (url: string) => Promise<void>): Promise<void> {
  return withReference({ program: 'echo-app.ts', count }, ({ url }) => work(url));
}

/** Runs `work` with the processes of `plan`, and takes them away afterwards. */
export async function withReference(
  { program, args = [], count, settings = {} }: ReferencePlan,
  work: (reference: Reference) => Promise<void>,
): Promise<void> {
  const dir = testDir('reference');
  const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
  const path = join(PACKAGE_ROOT, 'loadtests/bench', program);
  const processes = ports.map((port) =>
    spawn(process.execPath, ['--import', 'tsx', path, String(port), ...args], { stdio: 'inherit' }),
  );
  for (const { pid } of processes) {
    const ref = processAt(pid ?? 0);
    if (ref !== null) guardProcess(ref);
  }
  const httpPort = await freePort();
  try {
    await Promise.all(ports.map(untilAnswers));
    const nginx = await startNginx({
      binary: (await ensureServers(StateDir.of(process.env), silentProgress)).nginx,
      dir,
      port: httpPort,
      configuration: nginxConfiguration({
        httpPort,
        statusPort: await freePort(new Set([httpPort])),
        replicaPorts: ports,
        accessLog: join(dir, 'access.log'),
        errorLog: join(dir, 'nginx.log'),
        settings,
      }),
      logFile: join(dir, 'nginx.log'),
      onSpawn: guardProcess,
    });
    const pids = processes.flatMap(({ pid }) => pid ?? []);
    await work({ url: `http://127.0.0.1:${httpPort}`, pids, nginxPid: nginx.pid }).finally(() => stopNginx(nginx));
  } finally {
    for (const child of processes) child.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function untilAnswers(port: number): Promise<void> {
  for (const until = Date.now() + 20_000; Date.now() < until; ) {
    const ok = await fetch(`http://127.0.0.1:${port}/ready`)
      .then((answer) => answer.ok)
      .catch(() => false);
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nobody answers on port ${port}`);
}
