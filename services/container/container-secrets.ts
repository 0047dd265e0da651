import { createHmac, randomBytes } from 'node:crypto';

/** What is given from outside, or, in the demo, made once. */
export interface MasterSecrets {
  database_password: string;
  redis_password: string;
  /** Empty: tokens come from an identity provider. */
  jwt_secret: string;
  grafana_password: string;
}

/** What the containers are started with, as far as it concerns secrets. */
export interface SecretsRequest {
  /** true: what is missing is made, and the providers are simulated unless one is named. */
  demo: boolean;
  /** Values from outside; empty: not given. */
  given: Record<keyof MasterSecrets | 'llm_primary_api_key' | 'llm_backup_api_key' | 'otlp_headers', string>;
  jwksUrl: string;
  primaryBaseUrl: string;
}

/** Text by path: `<consumer>/<file>`. Every consumer sees its own folder only. */
export type SecretFiles = Readonly<Record<string, string>>;

/** Shortest password outside the demo; a password is typed once, into a file. */
const MIN_PASSWORD_LENGTH = 16;
/** HS256 wants a key as long as its hash (RFC 7518, 3.2). */
const MIN_JWT_SECRET_LENGTH = 32;
/** What Redis, PgBouncer and psql read without quoting. */
const PASSWORD = /^[A-Za-z0-9._~-]*$/;

const SIMULATOR = 'http://llm-sim:4010';

/** One sentence per reason not to start; empty: none. */
export function faultsOf({ demo, given, jwksUrl }: SecretsRequest): string[] {
  const faults: string[] = [];
  for (const name of ['database_password', 'redis_password', 'grafana_password'] as const) {
    const variable = `WEIR_${name.toUpperCase()}`;
    const value = given[name];
    if (!PASSWORD.test(value)) faults.push(`${variable} may have letters, digits and . _ ~ - only.`);
    if (value === '' && !demo && name !== 'grafana_password')
      faults.push(`${variable} is not set: put one into .env (openssl rand -hex 24).`);
    if (value !== '' && value.length < MIN_PASSWORD_LENGTH && !demo)
      faults.push(`${variable} must have at least ${MIN_PASSWORD_LENGTH} characters.`);
  }
  if (given.jwt_secret !== '' && jwksUrl !== '') faults.push('WEIR_JWT_SECRET and WEIR_JWKS_URL exclude each other.');
  if (given.jwt_secret !== '' && given.jwt_secret.length < MIN_JWT_SECRET_LENGTH)
    faults.push(`WEIR_JWT_SECRET must have at least ${MIN_JWT_SECRET_LENGTH} characters.`);
  if (given.jwt_secret === '' && jwksUrl === '' && !demo)
    faults.push('WEIR_JWT_SECRET or WEIR_JWKS_URL must be set, else nobody can sign in (openssl rand -hex 32).');
  return faults;
}

/** What was given, else what was made before (`kept`), else something new. */
export function masterSecrets({ given, jwksUrl }: SecretsRequest, kept: Partial<MasterSecrets>): MasterSecrets {
  const choose = (name: keyof MasterSecrets) => given[name] || kept[name] || randomBytes(24).toString('hex');
  const databasePassword = choose('database_password');
  return {
    database_password: databasePassword,
    redis_password: choose('redis_password'),
    jwt_secret: jwksUrl === '' ? choose('jwt_secret') : '',
    // Not needed to start; whoever wants to sign in to Grafana may look it up in its container.
    grafana_password: given.grafana_password || derived(databasePassword, 'grafana'),
  };
}

/** Every file of every consumer. */
export function secretFiles(request: SecretsRequest, master: MasterSecrets): SecretFiles {
  const { demo, given, primaryBaseUrl } = request;
  const simulated = demo && primaryBaseUrl === '';
  const database = `weir:${master.database_password}@`;
  // Known to nobody and needed by machines only, so they follow from the one that is given.
  const superuser = derived(master.database_password, 'postgres');
  const monitor = derived(master.database_password, 'monitor');
  return {
    'api/jwt_secret': master.jwt_secret,
    'api/database_url': `postgres://${database}pgbouncer:6432/weir`,
    'api/migration_database_url': `postgres://${database}postgres:5432/weir`,
    'api/redis_url': `redis://:${master.redis_password}@redis:6379`,
    'api/llm_primary_api_key': simulated ? 'simulator' : given.llm_primary_api_key,
    'api/llm_backup_api_key': simulated ? 'simulator' : given.llm_backup_api_key,
    'api/otlp_headers': given.otlp_headers,
    'api/providers.env': simulated ? SIMULATED_PROVIDERS : '',
    'postgres/postgres_password': superuser,
    'postgres/database_password': master.database_password,
    'postgres/monitor_password': monitor,
    'pgbouncer/userlist.txt': `"weir" "${master.database_password}"\n`,
    'redis/redis.conf': `requirepass ${master.redis_password}\n`,
    'redis/password': master.redis_password,
    'monitoring/monitor_password': monitor,
    'monitoring/redis_passwords.json': JSON.stringify({ 'redis://redis:6379': master.redis_password }),
    'monitoring/grafana_password': master.grafana_password,
  };
}

/** Settings of a replica whose providers are simulated. A backup of ours behind a primary of theirs would answer nonsense in an emergency, so it is both or none. */
const SIMULATED_PROVIDERS = [
  `WEIR_LLM_PRIMARY_BASE_URL=${SIMULATOR}/primary/v1`,
  'WEIR_LLM_PRIMARY_MODEL=sim-primary',
  'WEIR_LLM_PRIMARY_LARGE_MODEL=sim-primary-large',
  `WEIR_LLM_BACKUP_BASE_URL=${SIMULATOR}/backup/v1`,
  'WEIR_LLM_BACKUP_MODEL=sim-backup',
  'WEIR_LLM_BACKUP_LARGE_MODEL=sim-backup-large',
  '',
].join('\n');

function derived(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(`weir ${purpose}`).digest('hex').slice(0, 48);
}
