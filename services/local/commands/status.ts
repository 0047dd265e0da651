import { Cluster } from '../cluster/cluster.ts';
import { planOf } from '../cluster/plan-of.ts';
import { readClusterFile } from '../state/cluster-file.ts';
import type { StateDir } from '../state/state-dir.ts';
import { monitoringLines } from './summary.ts';

/** `make status`: one line per part. Resolves to the exit code: 1 when a cluster that should be up is not whole. */
export async function status(state: StateDir): Promise<number> {
  const known = readClusterFile(state);
  if (known === null) {
    console.log('Weir is not running here. Start it with: make up');
    return 0;
  }
  state.create();
  const plan = planOf(state, known);
  const cluster = new Cluster(plan, known.replicas);
  let whole = true;
  for (const part of cluster.parts()) {
    const ref = part.running();
    const ready = ref !== null && (part.name.startsWith('replica-') ? await cluster.isReady(part.name) : true);
    whole &&= ready;
    const state = ref === null ? 'dead' : ready ? 'up' : 'not ready';
    const port = part.name === 'nginx' ? plan.httpPort : plan.ports.known(part.name);
    console.log(
      `${part.name.padEnd(18)} ${state.padEnd(10)} ${ref === null ? ''.padEnd(12) : `pid ${String(ref.pid).padEnd(8)}`} 127.0.0.1:${port ?? '?'}`,
    );
  }
  for (const line of monitoringLines(plan, cluster)) console.log(line);
  console.log(
    whole
      ? `\nWeir is up on http://127.0.0.1:${known.httpPort}`
      : '\nNot all of Weir works; "make up" starts what is missing.',
  );
  return whole ? 0 : 1;
}
