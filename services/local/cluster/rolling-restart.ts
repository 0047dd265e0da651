import { setTimeout as delay } from 'node:timers/promises';
import type { Progress } from '../progress.ts';
import type { Cluster } from './cluster.ts';

/** Longer than the 5 s for which Nginx leaves a replica alone that refused it (`fail_timeout`, nginx/templates/replicas.conf.template). */
export const NGINX_LOOKS_AGAIN_MS = 5_500;
const READY_TIMEOUT_MS = 60_000;

/**
 * Restarts the replicas one after the other, so that with two or more of them no request is lost. The next one has its turn when the last
 * one has been ready for so long that Nginx sends it requests and sockets again: otherwise both would be missing at once.
 *
 * Rejects when a replica does not come back; those after it go on as they were, so a version that does not start takes one replica with
 * it and not the service.
 */
export async function restartReplicas(cluster: Cluster, progress: Progress): Promise<void> {
  const names = cluster.replicaNames;
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    const restart = async () => {
      const replica = cluster.replica(name);
      await replica.stop();
      await replica.ensure();
      // Its port may be another one, when a stranger took the former.
      await cluster.nginx.refresh();
      if (!isLast) await untilReadyFor(NGINX_LOOKS_AGAIN_MS, () => cluster.isReady(name), name);
    };
    await progress.step(`Restarting ${name}`, restart, () => `${name} is back`);
  }
}

/** Resolves when `isReady` has held for `ms` without a break. */
async function untilReadyFor(ms: number, isReady: () => Promise<boolean>, name: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let since: number | undefined;
  while (since === undefined || performance.now() - since < ms) {
    if (performance.now() > deadline)
      throw new Error(`${name} was started again but does not stay ready; "make logs PART=${name}" may show why.`);
    since = (await isReady()) ? (since ?? performance.now()) : undefined;
    await delay(100);
  }
}
