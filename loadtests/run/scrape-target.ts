import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { LOAD_TARGETS_FILE } from '../../services/local/cluster/monitoring/load-targets.ts';
import type { StateDir } from '../../services/local/state/state-dir.ts';

/** Tells the Prometheus of the local cluster where a load test can be looked at. */
export interface ScrapeTarget {
  announce(port: number): void;
  retract(): void;
}

/** Through a file that Prometheus reads again when it changes; without a local cluster it does nothing. */
export function localScrapeTarget(state: StateDir): ScrapeTarget {
  const file = state.file(LOAD_TARGETS_FILE);
  return {
    announce(port) {
      if (existsSync(state.root)) writeFileSync(file, JSON.stringify([{ targets: [`127.0.0.1:${port}`], labels: {} }]));
    },
    retract() {
      rmSync(file, { force: true });
    },
  };
}
