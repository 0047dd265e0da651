import { ensureBuilt } from '../build.ts';
import { Cluster } from '../cluster/cluster.ts';
import { planOf } from '../cluster/plan-of.ts';
import { restartReplicas } from '../cluster/rolling-restart.ts';
import { consoleProgress } from '../progress.ts';
import { readClusterFile } from '../state/cluster-file.ts';
import type { StateDir } from '../state/state-dir.ts';
import { UsageError } from '../usage-error.ts';

/** `make restart`: brings the sources as they are now into force, one replica after the other, while the others serve. */
export async function restart(state: StateDir): Promise<void> {
  const known = readClusterFile(state);
  const cluster = known === null ? null : new Cluster(planOf(state.create(), known), known.replicas);
  if (cluster === null || !cluster.anyRunning())
    throw new UsageError('Weir is not running here. Start it with: make up', 1);
  if (!(await cluster.isComplete()))
    throw new UsageError(
      'Not all of Weir works, so no replica can be spared; "make up" starts what is missing ("make status" shows what).',
      1,
    );
  const progress = consoleProgress();
  await ensureBuilt(() => progress.say('  … Compiling'));
  await cluster.migrate(progress);
  if (await cluster.nginx.refresh()) progress.say('  ✓ nginx has its present configuration');
  await restartReplicas(cluster, progress);
  const alone = cluster.replicaNames.length === 1;
  progress.say(
    alone
      ? 'Weir runs the present sources. It was away for a moment: with two replicas or more it would not have been.'
      : 'Weir runs the present sources; some replicas served all the while.',
  );
}
