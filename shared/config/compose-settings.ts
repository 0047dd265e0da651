/**
 * What `docker compose` reads from `.env` or the shell besides the settings of a replica. The compose files hold the same defaults (a test
 * keeps them together); those of Nginx (`WEIR_NGINX_…`) are in nginx/README.md.
 */
export const COMPOSE_SETTINGS: Readonly<Record<string, { default: string; about: string }>> = {
  WEIR_MODE: {
    default: 'demo',
    about: '`demo`: secrets are made at the first start, model providers are simulated. `production`: neither.',
  },
  WEIR_DATABASE_PASSWORD: {
    default: '',
    about: 'Of the role `weir` in Postgres; at least 16 letters, digits or . _ ~ -',
  },
  WEIR_REDIS_PASSWORD: { default: '', about: 'As for Postgres.' },
  WEIR_GRAFANA_PASSWORD: { default: '', about: 'Of the user `admin` in Grafana; empty: one is made.' },
  WEIR_HTTP_ADDRESS: { default: '0.0.0.0', about: 'Address of this machine on which Nginx is reachable.' },
  WEIR_HTTP_PORT: { default: '8080', about: 'Its port.' },
  WEIR_HTTPS_PORT: { default: '8443', about: 'Its port for TLS.' },
  WEIR_TLS_DIR: { default: './compose/tls', about: 'Folder with `certificate.pem` and `key.pem`.' },
  WEIR_REPLICAS: { default: '3', about: 'Replicas.' },
  WEIR_IMAGE: { default: 'weir:local', about: 'Image of Weir: the name that is built here, or one of a registry.' },
  WEIR_PULL_POLICY: { default: 'never', about: '`never`: the image is built here. `missing`, `always`: it is pulled.' },
  WEIR_STOP_GRACE: {
    default: '40s',
    about:
      'When a replica that stops is killed: WEIR_SHUTDOWN_DRAIN_SECONDS + WEIR_SHUTDOWN_GRACE_SECONDS + 10 s, or more.',
  },
  WEIR_NOFILE: { default: '20000', about: 'Open files per process: two per socket in Nginx, one in a replica.' },
  WEIR_API_CPUS: { default: '1.0', about: 'Processor cores of each replica; one is all that Node uses.' },
  WEIR_API_MEMORY: { default: '512m', about: 'Memory of each replica.' },
  WEIR_NGINX_CPUS: { default: '1.0', about: 'Processor cores of Nginx.' },
  WEIR_NGINX_MEMORY: { default: '256m', about: 'Its memory.' },
  WEIR_POSTGRES_CPUS: { default: '1.0', about: 'Processor cores of Postgres.' },
  WEIR_POSTGRES_MEMORY: { default: '1g', about: 'Its memory.' },
  WEIR_PGBOUNCER_CPUS: { default: '0.5', about: 'Processor cores of PgBouncer.' },
  WEIR_PGBOUNCER_MEMORY: { default: '128m', about: 'Its memory.' },
  WEIR_REDIS_CPUS: { default: '1.0', about: 'Processor cores of Redis.' },
  WEIR_REDIS_MAXMEMORY: { default: '256mb', about: 'Data that Redis takes before it refuses writes.' },
  WEIR_REDIS_MEMORY: { default: '512m', about: 'Its memory: twice as much, for rewrites of its file.' },
  WEIR_PROMETHEUS_PORT: { default: '9090', about: 'Port of Prometheus on 127.0.0.1 (profile monitoring).' },
  WEIR_ALERTMANAGER_PORT: { default: '9093', about: 'Port of Alertmanager there.' },
  WEIR_GRAFANA_PORT: { default: '3000', about: 'Port of Grafana there.' },
  WEIR_PROMETHEUS_RETENTION: { default: '35d', about: 'How long Prometheus keeps what it measured.' },
  WEIR_PROMETHEUS_MEMORY: { default: '1g', about: 'Its memory.' },
  WEIR_ALERT_SECRETS_DIR: {
    default: './monitoring/alertmanager/secrets',
    about: 'Folder with the keys of those who are told of alerts (docs/operations/alerting.md).',
  },
};

/** Settings of a replica that docker-compose.yml sets itself, because they follow from its networks, files and image. */
export const SET_BY_COMPOSE: readonly string[] = [
  'WEIR_REPLICA_ID',
  'WEIR_HOST',
  'WEIR_PORT',
  'WEIR_INTERNAL_PORT',
  'WEIR_DATABASE_URL',
  'WEIR_REDIS_URL',
  'WEIR_REDLOCK_URLS',
  'WEIR_STATUS_FOLDER',
  'WEIR_COMMIT',
];
