import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The content of a file this launcher wrote; null when it is missing, or not JSON (a full disk, an editor). */
export function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}

/** Readable by its owner only; complete or not at all, whenever the process dies. */
export function writeJson(file: string, value: unknown): void {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}
