import { Redis } from 'ioredis';
import { planOf } from '../../services/local/cluster/plan-of.ts';
import { cacheUrl } from '../../services/local/cluster/server-parts.ts';
import { readClusterFile } from '../../services/local/state/cluster-file.ts';
import type { StateDir } from '../../services/local/state/state-dir.ts';
import { type Vital, type VitalsSource, vitalsOfRedis, vitalsOfReplica } from '../measure/vitals.ts';

const TIMEOUT_MS = 2_000;

/** The replicas and the Redis of the local cluster; null: there is none. Another cluster's operators have their own monitoring for this. */
export async function localVitals(state: StateDir): Promise<VitalsSource | null> {
  const known = readClusterFile(state);
  if (known === null) return null;
  const plan = planOf(state, known);
  const redis = new Redis(await cacheUrl(plan), { maxRetriesPerRequest: 0, commandTimeout: TIMEOUT_MS });
  // One that is away gives no figures, which is all there is to say.
  redis.on('error', () => {});
  const replicas = Array.from({ length: known.replicas }, (_, n) => `replica-${n + 1}`);
  const ofReplica = async (name: string): Promise<Vital[]> => {
    const url = `http://127.0.0.1:${plan.ports.known(`${name}-internal`)}/metrics`;
    const page = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return vitalsOfReplica(name, await page.text());
  };
  return {
    async read() {
      const all = [...replicas.map(ofReplica), redis.info().then(vitalsOfRedis)];
      const answers = await Promise.all(all.map((vitals) => vitals.catch((): Vital[] => [])));
      return answers.flat();
    },
    close: () => redis.disconnect(),
  };
}
