import { z } from 'zod';
import { databaseServers } from './database-url.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const seconds = (min: number, max: number) => z.coerce.number().min(min).max(max);
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const usd = z.coerce.number().min(0).max(1_000_000);
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

const databaseUrl = z
  .string()
  .min(1)
  .superRefine((url, context) => {
    try {
      databaseServers(url);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });

/** Roles a process can take; see docs/architecture.md. */
export const ROLES = ['api', 'worker', 'dispatcher'] as const;
export type Role = (typeof ROLES)[number];

const roles = list.pipe(z.array(z.enum(ROLES)).min(1));

/**
 * One entry per environment variable: schema (bounds), default and the reason a reader needs. The unit is in the name.
 * `docs/configuration.md` is generated from this table. `secret` values never reach a log.
 */
export const SETTINGS = {
  ROLES: { schema: roles, default: 'api,worker,dispatcher', about: 'Roles this process takes.' },
  WEIR_REPLICA_ID: {
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
    default: '',
    about: 'Name in `X-Replica`, logs and leases; empty: made from host name and process id.',
  },
  WEIR_HOST: { schema: z.string().min(1), default: '127.0.0.1', about: 'Address the API listens on.' },
  WEIR_PORT: { schema: port, default: '3000', about: 'Port the API listens on (0: a free one).' },
  WEIR_INTERNAL_PORT: {
    schema: port,
    default: '9464',
    about: 'Port of `/metrics` and the health pages for operators (0: a free one). Never exposed by Nginx.',
  },
  WEIR_DATABASE_URL: {
    schema: databaseUrl,
    default: 'postgres://weir@127.0.0.1:5432/weir',
    about:
      'Postgres; with standbys all servers, `postgres://user@a:5432,b:5432/weir`: the one that takes writes is found, also after a failover. `target_session_attrs` may be `read-write` or `primary`.',
    secret: true,
  },
  WEIR_DATABASE_POOL_SIZE: { schema: count(2, 200), default: '10', about: 'Connections per process.' },
  WEIR_DATABASE_WAIT_SECONDS: {
    schema: seconds(0.1, 60),
    default: '1.5',
    about:
      'Longest wait of a request for a free connection while Postgres answers others; beyond: 503. A request may wait twice, so less than half of what the proxy in front waits for (`WEIR_NGINX_ANSWER_TIMEOUT`).',
  },
  WEIR_REDIS_URL: {
    schema: z.string().min(1),
    default: 'redis://127.0.0.1:6379',
    about: 'Redis with the capacity state and the event streams.',
    secret: true,
  },
  WEIR_REDLOCK_URLS: {
    schema: list,
    default: '',
    about: 'Independent Redis nodes for the leader lock, an odd number; empty: WEIR_REDIS_URL alone.',
    secret: true,
  },
  WEIR_REDIS_PREFIX: {
    schema: z.string().regex(/^[A-Za-z0-9:_-]{1,40}$/),
    default: 'weir:v1',
    about: 'First part of every key; two clusters may share a Redis under two prefixes.',
  },
  WEIR_JWT_SECRET: {
    schema: z.string(),
    default: '',
    about: 'HS256 secret, at least 32 characters. This or WEIR_JWKS_URL.',
    secret: true,
  },
  WEIR_JWKS_URL: {
    schema: z.union([z.literal(''), z.url()]),
    default: '',
    about: 'Key set of the identity provider (RS256, ES256, EdDSA).',
  },
  WEIR_JWT_ISSUER: { schema: z.string().min(1), default: 'weir', about: 'Required `iss` of a token.' },
  WEIR_JWT_AUDIENCE: { schema: z.string().min(1), default: 'weir', about: 'Required `aud` of a token.' },
  WEIR_MAX_USERS: {
    schema: count(1, 10_000_000),
    default: '25',
    about: 'Concurrent users; seeds the cluster-wide limit, which the admin API changes while running.',
  },
  WEIR_MAX_WORKFLOWS: {
    schema: count(0, 1_000_000),
    default: '10',
    about: 'Runs that hold a slot at once; seeds the cluster-wide limit.',
  },
  WEIR_HARD_LIMIT_USERS: {
    schema: count(0, 100_000_000),
    default: '0',
    about: 'Users beyond which new sockets get 503; 0: twice the user limit.',
  },
  WEIR_QUEUE_TIMEOUT_SECONDS: { schema: seconds(1, 86_400), default: '300', about: 'Longest wait in the queue.' },
  WEIR_QUEUE_MAX: { schema: count(1, 100_000_000), default: '1000', about: 'Waiting runs in all; beyond: 503.' },
  WEIR_QUEUE_MAX_PER_USER: {
    schema: count(1, 100_000_000),
    default: '20',
    about: 'Waiting runs of one user; beyond: 429.',
  },
  WEIR_USER_REQUESTS_PER_SECOND: {
    schema: z.coerce.number().min(0).max(1_000_000),
    default: '100',
    about:
      'Requests of one user over time, in the whole cluster; more get 429. 0: no limit. None is refused while Redis is away. What one address may do says Nginx.',
  },
  WEIR_USER_REQUEST_BURST: {
    schema: count(1, 10_000_000),
    default: '400',
    about: 'Requests of one user at once, beyond that.',
  },
  WEIR_DRAIN_PER_SECOND: {
    schema: count(1, 1_000_000),
    default: '10',
    about: 'Starts from the queue per second at level elevated and above.',
  },
  WEIR_CACHE_WORKFLOW_SECONDS: {
    schema: seconds(0, 86_400),
    default: '60',
    about: 'How long an api remembers a workflow definition it has read; they never change. 0: not at all.',
  },
  WEIR_CACHE_RUN_SECONDS: {
    schema: seconds(0, 60),
    default: '10',
    about:
      'How long an api may show a run that has not changed without asking Postgres; a change ends it at once. 0: not at all.',
  },
  WEIR_RUN_MAX_ATTEMPTS: { schema: count(1, 100), default: '3', about: 'Workers a run may lose before it fails.' },
  WEIR_WORKER_CONCURRENCY: { schema: count(1, 10_000), default: '100', about: 'Runs one worker executes at once.' },
  WEIR_SHUTDOWN_GRACE_SECONDS: {
    schema: seconds(0, 600),
    default: '20',
    about: 'How long a stopping worker lets runs end before it hands them back; exit follows within 10 s more.',
  },
  WEIR_SHUTDOWN_DRAIN_SECONDS: {
    schema: seconds(0, 60),
    default: '1',
    about:
      'How long a stopping api answers "not ready" before it closes its door, so that the load balancer looks away first.',
  },
  WEIR_LLM_PRIMARY_BASE_URL: {
    schema: z.union([z.literal(''), z.url()]),
    default: '',
    about: 'OpenAI-compatible endpoint (with `/v1`), or with an API version the endpoint of an Azure OpenAI resource.',
  },
  WEIR_LLM_PRIMARY_API_KEY: { schema: z.string(), default: '', about: 'Its key.', secret: true },
  WEIR_LLM_PRIMARY_API_VERSION: {
    schema: z.string(),
    default: '',
    about: 'Set for Azure OpenAI (`2024-10-21`): the model is then the name of a deployment.',
  },
  WEIR_LLM_PRIMARY_MODEL: { schema: z.string(), default: '', about: 'Model used when a step names none.' },
  WEIR_LLM_PRIMARY_LARGE_MODEL: {
    schema: z.string(),
    default: '',
    about: 'Model with a longer context, asked when a prompt is too long for the usual one; empty: none.',
  },
  WEIR_LLM_PRIMARY_MAX_CONCURRENCY: {
    schema: count(1, 100_000),
    default: '100',
    about: 'Calls that one replica has under way at once; more wait.',
  },
  WEIR_LLM_PRIMARY_REQUESTS_PER_MINUTE: {
    schema: count(0, 10_000_000),
    default: '0',
    about: 'Calls a minute of the whole cluster, evenly spaced; more wait. 0: no limit.',
  },
  WEIR_LLM_PRIMARY_INPUT_USD_PER_MILLION_TOKENS: {
    schema: usd,
    default: '0',
    about:
      'What a million tokens of a prompt cost, whichever of its models reads them. 0, as the next: no cost is reported.',
  },
  WEIR_LLM_PRIMARY_OUTPUT_USD_PER_MILLION_TOKENS: {
    schema: usd,
    default: '0',
    about: 'What a million tokens of an answer cost.',
  },
  WEIR_LLM_BACKUP_BASE_URL: {
    schema: z.union([z.literal(''), z.url()]),
    default: '',
    about: 'Second endpoint, used when the first is slow or down.',
  },
  WEIR_LLM_BACKUP_API_KEY: { schema: z.string(), default: '', about: 'Its key.', secret: true },
  WEIR_LLM_BACKUP_API_VERSION: { schema: z.string(), default: '', about: 'As of the primary.' },
  WEIR_LLM_BACKUP_MODEL: {
    schema: z.string(),
    default: '',
    about:
      'Its model, also for steps that name one: names of models mean nothing to another provider. Empty: what the step names.',
  },
  WEIR_LLM_BACKUP_LARGE_MODEL: { schema: z.string(), default: '', about: 'As of the primary.' },
  WEIR_LLM_BACKUP_MAX_CONCURRENCY: { schema: count(1, 100_000), default: '100', about: 'As of the primary.' },
  WEIR_LLM_BACKUP_REQUESTS_PER_MINUTE: { schema: count(0, 10_000_000), default: '0', about: 'As of the primary.' },
  WEIR_LLM_BACKUP_INPUT_USD_PER_MILLION_TOKENS: { schema: usd, default: '0', about: 'As of the primary.' },
  WEIR_LLM_BACKUP_OUTPUT_USD_PER_MILLION_TOKENS: { schema: usd, default: '0', about: 'As of the primary.' },
  WEIR_LLM_FIRST_CONTENT_SECONDS: {
    schema: seconds(0.05, 600),
    default: '10',
    about: 'A provider whose first token comes later is slow: another one is asked.',
  },
  WEIR_LLM_STALL_SECONDS: {
    schema: seconds(0.05, 600),
    default: '15',
    about: 'Longest silence between two tokens; keep-alives do not count.',
  },
  WEIR_LLM_OPEN_SECONDS: {
    schema: seconds(0.1, 3_600),
    default: '60',
    about: 'How long a provider that is slow or down is left alone before one probe for the whole cluster.',
  },
  WEIR_WEBHOOK_ALLOWED_HOSTS: {
    schema: list,
    default: '',
    about:
      'Hosts webhook steps may call, `*.example.com` for subdomains; empty: none. A trailing `!` (`127.0.0.1!`) allows the host although its address is private.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: z.union([z.literal(''), z.url()]),
    default: '',
    about: 'Base URL of an OTLP/HTTP receiver (`http://collector:4318`), to which traces go; empty: no tracing.',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    schema: z.string(),
    default: '',
    about: 'Headers for it, as `name=value,name=value`.',
    secret: true,
  },
  OTEL_SERVICE_NAME: { schema: z.string().min(1), default: 'weir', about: 'Name of the service in traces.' },
  WEIR_STATUS_FOLDER: {
    schema: z.string(),
    default: '',
    about:
      'Folder in which replicas keep the status page that Nginx shows when none of them answers; empty: none is kept.',
  },
  WEIR_PUBLIC_URL: {
    schema: z.union([z.literal(''), z.url()]),
    default: '',
    about: 'Address of the service for people, for links in the feed of the status page; empty: the one asked for.',
  },
  WEIR_TRACE_SAMPLE_RATIO: {
    schema: z.coerce.number().min(0).max(1),
    default: '0.1',
    about: 'Share of the traces that is exported although nothing failed; those in which something failed always are.',
  },
  WEIR_COMMIT: {
    schema: z.string().regex(/^[A-Za-z0-9._-]{0,64}$/),
    default: '',
    about: 'Commit this was built from, shown in `weir_build_info`; an image brings its own.',
  },
  WEIR_LOG_LEVEL: {
    schema: z.enum(['error', 'warn', 'info', 'debug']),
    default: 'info',
    about: 'Least severity that is logged.',
  },
} as const satisfies Record<string, { schema: z.ZodType; default: string; about: string; secret?: true }>;

export type SettingName = keyof typeof SETTINGS;

/** Names that only `make up` and the CLI read; known here so that they are not reported as misspelt. */
export const LAUNCHER_SETTINGS = [
  'WEIR_HTTP_PORT',
  'WEIR_REPLICAS',
  'WEIR_STATE_DIR',
  'WEIR_URL',
  'WEIR_TOKEN',
] as const;
