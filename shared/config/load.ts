import { hostname } from 'node:os';
import type { z } from 'zod';
import { nearestName } from './nearest-name.ts';
import { LAUNCHER_SETTINGS, SETTINGS, type SettingName } from './schema.ts';
import { withSecretFiles } from './secret-files.ts';

/** Values by setting name, parsed and bounded. */
export type Settings = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };

/** All faults of the environment at once, one sentence each. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads every setting from `given` (empty string = not set), secrets also from the files it names. Throws {@link ConfigError} with all
 * faults, also for `WEIR_*` names nobody knows, each with the nearest known one.
 */
export function loadSettings(given: NodeJS.ProcessEnv): Settings {
  const { environment, faults } = withSecretFiles(given);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const text = environment[name] || setting.default;
    const optional = text === '' && setting.default === '';
    const parsed =
      optional && name === 'WEIR_REPLICA_ID'
        ? { success: true as const, data: defaultReplicaId() }
        : setting.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else
      faults.push(
        `${name}: ${parsed.error.issues.map((issue) => issue.message).join(' ')} (got ${'secret' in setting ? 'a hidden value' : JSON.stringify(text)})`,
      );
  }
  faults.push(...unknownNames(environment), ...crossFaults(values as Settings, environment));
  if (faults.length > 0) throw new ConfigError(faults);
  return values as Settings;
}

function defaultReplicaId(): string {
  return `${hostname()
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 40)}-${process.pid}`;
}

function unknownNames(environment: NodeJS.ProcessEnv): string[] {
  const known = [...Object.keys(SETTINGS), ...LAUNCHER_SETTINGS];
  return Object.keys(environment)
    .filter((name) => name.startsWith('WEIR_') && !known.includes(name))
    .map((name) => `${name} is not a setting; did you mean ${nearestName(name, known)}?`);
}

/** Rules between settings. */
function crossFaults(values: Settings, environment: NodeJS.ProcessEnv): string[] {
  const faults: string[] = [];
  if (values.ROLES?.includes('api')) {
    const secret = environment.WEIR_JWT_SECRET ?? '';
    if (secret === '' && !environment.WEIR_JWKS_URL)
      faults.push('WEIR_JWT_SECRET or WEIR_JWKS_URL must be set, else nobody can sign in.');
    if (secret !== '' && environment.WEIR_JWKS_URL)
      faults.push('WEIR_JWT_SECRET and WEIR_JWKS_URL exclude each other.');
    if (secret !== '' && secret.length < 32) faults.push('WEIR_JWT_SECRET must have at least 32 characters.');
  }
  if ((values.WEIR_REDLOCK_URLS?.length ?? 0) % 2 === 0 && (values.WEIR_REDLOCK_URLS?.length ?? 0) > 0) {
    faults.push('WEIR_REDLOCK_URLS must name an odd number of nodes: an even number can tie for ever.');
  }
  return faults;
}
