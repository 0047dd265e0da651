import { readFileSync } from 'node:fs';
import { SETTINGS } from './schema.ts';

const SUFFIX = '_FILE';

/** Names under which a secret may be given as a file: `WEIR_JWT_SECRET_FILE` for `WEIR_JWT_SECRET`, and so on. */
export const SECRET_FILE_SETTINGS: readonly string[] = Object.entries(SETTINGS).flatMap(([name, setting]) =>
  'secret' in setting ? [`${name}${SUFFIX}`] : [],
);

/**
 * `environment` with each `<NAME>_FILE` of a secret replaced by `<NAME>` and what is in the file (UTF-8, white space at the end ignored; an
 * empty file means "not set"). Environments show in process lists and inspections of containers, files do not. Never throws: what cannot be
 * read, or is given both ways, is a sentence in `faults`.
 */
export function withSecretFiles(environment: NodeJS.ProcessEnv): { environment: NodeJS.ProcessEnv; faults: string[] } {
  const faults: string[] = [];
  const resolved = { ...environment };
  for (const fileName of SECRET_FILE_SETTINGS) {
    const path = environment[fileName];
    delete resolved[fileName];
    if (path === undefined || path === '') continue;
    const name = fileName.slice(0, -SUFFIX.length);
    if (environment[name]) {
      faults.push(`${name} and ${fileName} exclude each other.`);
      continue;
    }
    try {
      resolved[name] = readFileSync(path, 'utf8').trimEnd();
    } catch (error) {
      faults.push(`${fileName}: ${(error as NodeJS.ErrnoException).code ?? 'error'} when reading ${path}.`);
    }
  }
  return { environment: resolved, faults };
}
