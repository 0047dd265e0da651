import { Cluster } from '../cluster/cluster.ts';
import { planOf } from '../cluster/plan-of.ts';
import { DEFAULT_HTTP_PORT } from '../options.ts';
import { consoleProgress } from '../progress.ts';
import { readClusterFile, removeClusterFile } from '../state/cluster-file.ts';
import type { StateDir } from '../state/state-dir.ts';

/** `make down`: stops what `make up` started and nothing else; data, secrets and ports stay. */
export async function down(state: StateDir): Promise<void> {
  state.create();
  const progress = consoleProgress();
  const before = readClusterFile(state);
  // Without the settings: also servers that a later `make up` replaced by others are stopped.
  const cluster = new Cluster(
    planOf(state, { httpPort: before?.httpPort ?? DEFAULT_HTTP_PORT, settings: graceOf(before?.settings ?? {}) }),
    before?.replicas ?? 0,
  );
  const stopped = await cluster.down(progress);
  removeClusterFile(state);
  progress.say(
    stopped.length === 0 ? 'Weir is not running; nothing to stop.' : `Weir is down. Its data stays in ${state.root}.`,
  );
}

/** How long a replica may take is the one setting that matters for stopping it. */
function graceOf(settings: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name.startsWith('WEIR_SHUTDOWN_')));
}
