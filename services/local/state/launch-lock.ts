import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, type ProcessRef, processAt } from '../processes/process-ref.ts';
import { readJson } from './json-file.ts';

/**
 * Runs `work` while no other process holds `file`; resolves to its result, or to the process that holds it. A holder that died
 * without letting go does not count.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<{ done: T } | { heldBy: ProcessRef }> {
  const holder = take(file);
  if (holder !== null) return { heldBy: holder };
  try {
    return { done: await work() };
  } finally {
    rmSync(file, { force: true });
  }
}

/** A hard link is made only if the name is free, and appears with its content: nobody can read half a lock. */
function take(file: string): ProcessRef | null {
  const me = processAt(process.pid);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(me));
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        linkSync(draft, file);
        return null;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = readJson<ProcessRef>(file);
      if (holder !== null && isAlive(holder)) return holder;
      rmSync(file, { force: true });
    }
    return readJson<ProcessRef>(file) ?? { pid: 0, started: '' };
  } finally {
    rmSync(draft, { force: true });
  }
}
