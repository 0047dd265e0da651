/**
 * One-shot that runs before everything else: checks that the secrets are there, and hands each container the ones it needs, as files in a
 * volume of its own (`/out/<consumer>`). In the demo it makes them once and keeps them in `/kept`.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { faultsOf, type MasterSecrets, masterSecrets, type SecretsRequest, secretFiles } from './container-secrets.ts';

const OUT = '/out';
const KEPT = '/kept/secrets.json';

function requestOf(environment: NodeJS.ProcessEnv): SecretsRequest {
  const given = (name: string) => (environment[name] ?? '').trim();
  return {
    demo: environment.WEIR_MODE === 'demo',
    given: {
      database_password: given('WEIR_DATABASE_PASSWORD'),
      redis_password: given('WEIR_REDIS_PASSWORD'),
      jwt_secret: given('WEIR_JWT_SECRET'),
      grafana_password: given('WEIR_GRAFANA_PASSWORD'),
      llm_primary_api_key: given('WEIR_LLM_PRIMARY_API_KEY'),
      llm_backup_api_key: given('WEIR_LLM_BACKUP_API_KEY'),
      otlp_headers: given('OTEL_EXPORTER_OTLP_HEADERS'),
    },
    jwksUrl: given('WEIR_JWKS_URL'),
    primaryBaseUrl: given('WEIR_LLM_PRIMARY_BASE_URL'),
  };
}

function readKept(): Partial<MasterSecrets> {
  try {
    return JSON.parse(readFileSync(KEPT, 'utf8')) as Partial<MasterSecrets>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Replaced as a whole: a container that starts meanwhile reads the old text or the new, never half of one. */
function write(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(`${path}.new`, text, { mode });
  renameSync(`${path}.new`, path);
}

const request = requestOf(process.env);
const faults = faultsOf(request);
if (faults.length > 0) {
  console.error(['Weir does not start:', ...faults.map((fault) => `  - ${fault}`)].join('\n'));
  process.exitCode = 1;
} else {
  const master = masterSecrets(request, request.demo ? readKept() : {});
  if (request.demo) write(KEPT, JSON.stringify(master), 0o400);
  const files = Object.entries(secretFiles(request, master));
  // Readable for all, because each image has a user of its own; who may look is decided by who mounts the volume.
  for (const [path, text] of files) write(join(OUT, path), text, 0o444);
  console.log(
    JSON.stringify({
      at: new Date().toISOString(),
      level: 'info',
      message: 'secrets are in place',
      demo: request.demo,
    }),
  );
}
