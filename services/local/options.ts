import { COMPOSE_SETTINGS } from '../../shared/config/compose-settings.ts';
import { LAUNCHER_SETTINGS } from '../../shared/config/schema.ts';
import { alertSettingFault } from './cluster/monitoring/alert-settings.ts';
import { isNginxSetting, nginxSettingFault } from './cluster/nginx-settings.ts';
import { UsageError } from './usage-error.ts';

/** Nginx of the local cluster, unless WEIR_HTTP_PORT says otherwise. */
export const DEFAULT_HTTP_PORT = 8080;
export const DEFAULT_REPLICAS = 3;
/** A laptop carries this many processes; beyond it Postgres would need more connections than it is started with. */
export const MAX_REPLICAS = 20;

export interface UpOptions {
  /** undefined: as it is, or the default. */
  replicas: number | undefined;
  httpPort: number | undefined;
  /** `WEIR_*` and `ROLES` for the replicas. */
  settings: Record<string, string>;
  /** undefined: as it is. */
  monitoring: boolean | undefined;
  /** `ALERT_*` for Alertmanager. */
  alerting: Record<string, string>;
}

/** What differs from replica to replica and is therefore never taken from outside. */
const OWN_SETTINGS: Record<string, string> = {
  WEIR_PORT: 'each replica gets its own; the cluster as a whole listens on WEIR_HTTP_PORT',
  WEIR_INTERNAL_PORT: 'each replica gets its own',
  WEIR_REPLICA_ID: 'each replica gets its own',
  WEIR_HOST: 'a local cluster listens on 127.0.0.1',
};

/** Reads what was given to `make up`. A wrong value throws a {@link UsageError} with one sentence. */
export function readUpOptions(environment: NodeJS.ProcessEnv): UpOptions {
  return {
    replicas: wholeNumber('REPLICAS', environment.REPLICAS || environment.WEIR_REPLICAS, 1, MAX_REPLICAS),
    httpPort: wholeNumber('WEIR_HTTP_PORT', environment.WEIR_HTTP_PORT, 1, 65_535),
    settings: replicaSettings(environment),
    monitoring: flag('MONITORING', environment.MONITORING),
    alerting: alertSettings(environment),
  };
}

function flag(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === '1' || text === '0') return text === '1';
  throw new UsageError(`${name} must be 1 or 0, not "${text}".`);
}

function alertSettings(environment: NodeJS.ProcessEnv): Record<string, string> {
  const folder = environment.WEIR_ALERT_SECRETS_DIR;
  const settings: Record<string, string> = folder ? { ALERT_SECRETS: folder } : {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('ALERT_') || value === undefined || value === '') continue;
    const fault = alertSettingFault(name);
    if (fault !== null) throw new UsageError(fault);
    settings[name] = value;
  }
  return settings;
}

function wholeNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${name} must be a whole number from ${min} to ${max}, not "${text}".`);
}

function replicaSettings(environment: NodeJS.ProcessEnv): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!(name.startsWith('WEIR_') || name === 'ROLES') || value === undefined || value === '') continue;
    if ((LAUNCHER_SETTINGS as readonly string[]).includes(name)) continue;
    // One `.env` serves both: what only containers need is passed over.
    if (name in COMPOSE_SETTINGS) continue;
    if (name in OWN_SETTINGS) throw new UsageError(`${name} cannot be set for a local cluster: ${OWN_SETTINGS[name]}.`);
    const fault = isNginxSetting(name) ? nginxSettingFault(name) : null;
    if (fault !== null) throw new UsageError(fault);
    settings[name] = value;
  }
  return settings;
}
