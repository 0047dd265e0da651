import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { planOf } from '../../services/local/cluster/plan-of.ts';
import { inspectorOf, replicaPart } from '../../services/local/cluster/replica-part.ts';
import { cacheUrl } from '../../services/local/cluster/server-parts.ts';
import { readClusterFile } from '../../services/local/state/cluster-file.ts';
import type { StateDir } from '../../services/local/state/state-dir.ts';
import { heapContents } from '../measure/heap-contents.ts';
import { Inspector } from '../measure/inspector.ts';
import { type Vital, type VitalsSource, vitalsOfRedis, vitalsOfReplica } from '../measure/vitals.ts';

const TIMEOUT_MS = 2_000;

/** The replicas and the Redis of the local cluster; null: there is none. Snapshots of heaps lie for a moment in `folder`. Another cluster's operators have their own monitoring for this. */
export async function localVitals(state: StateDir, folder: string): Promise<VitalsSource | null> {
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
  const inspectors = new Map<string, Inspector>();
  const objectsOf = async (name: string): Promise<Vital[]> => {
    const pid = replicaPart(plan, name).running()?.pid;
    const port = plan.ports.known(inspectorOf(name));
    if (pid === undefined || port === undefined) return [];
    const known = inspectors.get(name);
    const inspector = known?.isOpen === true ? known : await Inspector.attach(pid, port);
    inspectors.set(name, inspector);
    const file = join(folder, `${name}.heapsnapshot`);
    try {
      await inspector.writeSnapshot(file);
      return [{ part: name, quantity: 'objects', value: heapContents(await readFile(file, 'utf8')).objects }];
    } finally {
      // What users said is in it.
      await rm(file, { force: true });
    }
  };
  return {
    async look() {
      const found: Vital[] = [];
      for (const name of replicas) found.push(...(await objectsOf(name).catch(() => [])));
      return found;
    },
    async read() {
      const all = [...replicas.map(ofReplica), redis.info().then(vitalsOfRedis)];
      const answers = await Promise.all(all.map((vitals) => vitals.catch((): Vital[] => [])));
      return answers.flat();
    },
    async close() {
      redis.disconnect();
      await Promise.all([...inspectors.values()].map((inspector) => inspector.leave().catch(() => {})));
    },
  };
}
