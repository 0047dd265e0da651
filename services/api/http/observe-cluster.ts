import type { CapacityView } from '../admission/capacity-view.ts';
import type { Observation } from '../incidents/conditions.ts';
import type { DependencyCheck } from './dependency-check.ts';
import type { ModelsView } from './models-view.ts';

export interface ObserveDeps {
  view: Pick<CapacityView, 'read'>;
  dependencies: Pick<DependencyCheck, 'read'>;
  board: ModelsView['board'];
}

/** The cluster as this replica sees it now. Never rejects. */
export async function observeCluster({ view, dependencies, board }: ObserveDeps): Promise<Observation> {
  const [reading, parts] = await Promise.all([view.read(), dependencies.read()]);
  const state = reading.kind === 'state' ? reading : null;
  return { state, parts, providers: board.standings(), forcedProvider: board.forced, now: Date.now() };
}
