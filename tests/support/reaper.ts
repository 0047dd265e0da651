import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ProcessRef } from '../../services/local/processes/process-ref.ts';
import { stopProcess } from '../../services/local/processes/stop-process.ts';

/**
 * Runs beside a test run, in a session of its own, and cleans up when that run is gone, however it went (`kill -9` too): its
 * standard input is a pipe from the run, whose end is the signal. Each line is a {@link Leftover}.
 */
export type Leftover = { process: ProcessRef } | { dir: string };

const leftovers: Leftover[] = [];
for await (const line of createInterface({ input: process.stdin })) leftovers.push(JSON.parse(line) as Leftover);

// SIGINT is Postgres's fast stop, which also frees its shared memory; the others end on it as well.
await Promise.allSettled(
  leftovers.map((leftover) =>
    'process' in leftover ? stopProcess(leftover.process, { signal: 'SIGINT', graceMs: 3_000 }) : undefined,
  ),
);
for (const leftover of leftovers) {
  if ('dir' in leftover) rmSync(leftover.dir, { recursive: true, force: true });
}
