import type { Stage } from '../support/cluster/stage.ts';
import type { Clocks } from './clocks/clocks.ts';
import type { DataDisk } from './disk/data-disk.ts';
import type { Links } from './links/links.ts';

/** The cluster that is broken, and all there is to break it with. */
export interface Scene {
  stage: Stage;
  cluster: Stage['cluster'];
  /** Between the parts. */
  links: Links;
  /** Of the replicas. */
  clocks: Clocks;
  /** Under Postgres; null: this system does not let us have one of its own. */
  disk: DataDisk | null;
}
