import { randomBytes } from 'node:crypto';
import { readJson, writeJson } from './json-file.ts';
import type { StateDir } from './state-dir.ts';

export interface Secrets {
  postgresPassword: string;
  redisPassword: string;
  /** Signs the tokens of `make token` (HS256). */
  jwtSecret: string;
}

/** The secrets of this cluster, made once; the file is readable by its owner only. */
export function loadSecrets(state: StateDir): Secrets {
  const file = state.file('secrets.json');
  const known = readJson<Partial<Secrets>>(file) ?? {};
  const secrets: Secrets = {
    postgresPassword: known.postgresPassword ?? random(),
    redisPassword: known.redisPassword ?? random(),
    jwtSecret: known.jwtSecret ?? random(),
  };
  if (JSON.stringify(known) !== JSON.stringify(secrets)) writeJson(file, secrets);
  return secrets;
}

function random(): string {
  return randomBytes(24).toString('hex');
}
