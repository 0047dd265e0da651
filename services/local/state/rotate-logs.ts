import { readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StateDir } from './state-dir.ts';

/** A load test writes gigabytes of access log; a log beyond this many bytes is put aside (as `.old`, replacing the last one) when nothing runs. */
const MAX_BYTES = 64 * 1024 * 1024;

export function rotateLogs(state: StateDir, maxBytes = MAX_BYTES): void {
  for (const name of readdirSync(state.logDir).filter((file) => file.endsWith('.log'))) {
    const file = join(state.logDir, name);
    if (statSync(file).size > maxBytes) renameSync(file, `${file}.old`);
  }
}
