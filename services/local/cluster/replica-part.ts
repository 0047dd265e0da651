import type { ProcessRef } from '../processes/process-ref.ts';
import { addressSeenBy } from './address-seen-by.ts';
import { isNginxSetting } from './nginx-settings.ts';
import { startNodeProgram } from './node-program.ts';
import { Part } from './part.ts';
import type { ClusterPlan } from './plan.ts';
import { cacheUrl, databaseUrl } from './server-parts.ts';
import { simulatorUrl } from './simulator-part.ts';

/** See WEIR_SHUTDOWN_GRACE_SECONDS and WEIR_SHUTDOWN_DRAIN_SECONDS in shared/config; used when the settings say nothing. */
const DEFAULT_GRACE_SECONDS = 20;
const DEFAULT_DRAIN_SECONDS = 1;
/** What a replica may take beyond those before it is killed. */
const CLOSING_SECONDS = 12;

export function replicaPart(plan: ClusterPlan, name: string): Part {
  const { settings } = plan;
  const graceSeconds =
    Number(settings.WEIR_SHUTDOWN_GRACE_SECONDS ?? DEFAULT_GRACE_SECONDS) +
    Number(settings.WEIR_SHUTDOWN_DRAIN_SECONDS ?? DEFAULT_DRAIN_SECONDS);
  const start = async (onSpawn: (ref: ProcessRef) => void) => {
    const port = await plan.ports.getFree(name);
    const internalPort = await plan.ports.getFree(`${name}-internal`);
    const env = { ...inherited(), ...(await replicaSettings(plan, { name, port, internalPort })) };
    const readyUrl = `http://127.0.0.1:${port}/ready`;
    return startNodeProgram({ name, file: 'services/main.js', args: [], env, readyUrl }, plan.state, onSpawn);
  };
  const stop = { signal: 'SIGTERM' as const, graceMs: (graceSeconds + CLOSING_SECONDS) * 1_000 };
  return new Part(
    { name, program: process.execPath, workDir: plan.state.part(name), start, stop },
    plan.state,
    plan.onSpawn,
  );
}

/** The whole environment of a replica as far as it is ours. What the user gave wins, except what must differ between replicas. */
export async function replicaSettings(
  plan: ClusterPlan,
  replica: { name: string; port: number; internalPort: number },
): Promise<Record<string, string>> {
  const seen = (to: string, address: string) => addressSeenBy(plan, replica.name, to, address);
  // Webhooks to this machine are for trying them out; a real allow-list replaces this.
  const defaults: Record<string, string> = { WEIR_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1!' };
  if (!plan.settings.WEIR_JWKS_URL) defaults.WEIR_JWT_SECRET = plan.secrets.jwtSecret;
  // A backup of ours behind a primary of theirs would answer nonsense in an emergency.
  if (!plan.settings.WEIR_LLM_PRIMARY_BASE_URL) {
    Object.assign(defaults, {
      WEIR_LLM_PRIMARY_BASE_URL: await seen('llm-sim', await simulatorUrl(plan, 'primary')),
      WEIR_LLM_PRIMARY_API_KEY: 'simulator',
      WEIR_LLM_PRIMARY_MODEL: 'sim-primary',
      WEIR_LLM_PRIMARY_LARGE_MODEL: 'sim-primary-large',
      // About what such models cost, so that costs can be seen; nobody is billed.
      WEIR_LLM_PRIMARY_INPUT_USD_PER_MILLION_TOKENS: '0.4',
      WEIR_LLM_PRIMARY_OUTPUT_USD_PER_MILLION_TOKENS: '1.6',
      WEIR_LLM_BACKUP_BASE_URL: await seen('llm-sim', await simulatorUrl(plan, 'backup')),
      WEIR_LLM_BACKUP_API_KEY: 'simulator',
      WEIR_LLM_BACKUP_MODEL: 'sim-backup',
      WEIR_LLM_BACKUP_LARGE_MODEL: 'sim-backup-large',
      WEIR_LLM_BACKUP_INPUT_USD_PER_MILLION_TOKENS: '0.6',
      WEIR_LLM_BACKUP_OUTPUT_USD_PER_MILLION_TOKENS: '2.4',
    });
  }
  return {
    ...defaults,
    ...Object.fromEntries(Object.entries(plan.settings).filter(([name]) => !isNginxSetting(name))),
    ...plan.settingsOf?.(replica.name),
    WEIR_DATABASE_URL: await seen('postgres', await databaseUrl(plan)),
    WEIR_REDIS_URL: await seen('redis', await cacheUrl(plan)),
    WEIR_HOST: '127.0.0.1',
    WEIR_PORT: String(replica.port),
    WEIR_INTERNAL_PORT: String(replica.internalPort),
    WEIR_REPLICA_ID: replica.name,
    WEIR_STATUS_FOLDER: plan.state.part('status-page'),
  };
}

/** The environment of the launcher (PATH, proxies, certificates) without settings of Weir and without what npm and make left in it. */
function inherited(): NodeJS.ProcessEnv {
  const foreign = ([name]: [string, string | undefined]) =>
    !/^(WEIR_|ROLES?$|npm_|MAKE|MFLAGS|REPLICAS$|USER_ID$|FOLLOW$|MODE$|PROVIDER$)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(foreign));
}
