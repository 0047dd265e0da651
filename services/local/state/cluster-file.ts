import { rmSync } from 'node:fs';
import { readJson, writeJson } from './json-file.ts';
import type { StateDir } from './state-dir.ts';

/** What the cluster that is up (or was, before it was killed) was started with. Gone after `make down`. */
export interface ClusterFile {
  httpPort: number;
  replicas: number;
  /** `WEIR_*` and `ROLES` as given; replicas added or healed later get the same. */
  settings: Record<string, string>;
  /** Missing: it is not watched. `alerting` are `ALERT_*` as given. */
  monitoring?: { alerting: Record<string, string> };
}

const NAME = 'cluster.json';

export function readClusterFile(state: StateDir): ClusterFile | null {
  return readJson<ClusterFile>(state.file(NAME));
}

export function writeClusterFile(state: StateDir, content: ClusterFile): void {
  writeJson(state.file(NAME), content);
}

export function removeClusterFile(state: StateDir): void {
  rmSync(state.file(NAME), { force: true });
}
