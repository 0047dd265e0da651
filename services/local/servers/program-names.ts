/** Without these there is no cluster. */
export const SERVER_NAMES = ['postgres', 'redis', 'nginx'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** Only for those who ask for monitoring, and for the tests of rules and dashboards. */
export const MONITORING_NAMES = [
  'prometheus',
  'promtool',
  'alertmanager',
  'amtool',
  'node-exporter',
  'postgres-exporter',
  'redis-exporter',
  'nginx-exporter',
  'grafana',
] as const;
export type MonitoringName = (typeof MONITORING_NAMES)[number];

/** Only for the tests of what people see. */
export type BrowserName = 'chromium';

/** Only for tests with wrong clocks: it stands for its library. */
export type ClockName = 'faketime';

export type ProgramName = ServerName | MonitoringName | BrowserName | ClockName;

/** What a person calls them, and the names their files may have: Debian puts `prometheus-` in front, projects themselves do not. */
export const PROGRAMS: Readonly<Record<ProgramName, { title: string; files: readonly [string, ...string[]] }>> = {
  postgres: { title: 'Postgres', files: ['postgres'] },
  redis: { title: 'Redis', files: ['redis-server', 'valkey-server'] },
  nginx: { title: 'Nginx', files: ['nginx'] },
  prometheus: { title: 'Prometheus', files: ['prometheus'] },
  promtool: { title: 'promtool', files: ['promtool'] },
  alertmanager: { title: 'Alertmanager', files: ['prometheus-alertmanager', 'alertmanager'] },
  amtool: { title: 'amtool', files: ['amtool'] },
  'node-exporter': { title: 'the exporter of the machine', files: ['prometheus-node-exporter', 'node_exporter'] },
  'postgres-exporter': {
    title: 'the exporter of Postgres',
    files: ['prometheus-postgres-exporter', 'postgres_exporter'],
  },
  'redis-exporter': { title: 'the exporter of Redis', files: ['prometheus-redis-exporter', 'redis_exporter'] },
  'nginx-exporter': {
    title: 'the exporter of Nginx',
    files: ['prometheus-nginx-exporter', 'nginx-prometheus-exporter'],
  },
  grafana: { title: 'Grafana', files: ['grafana-server'] },
  faketime: { title: 'libfaketime', files: ['faketime'] },
  chromium: {
    title: 'Chromium',
    files: ['chromium', 'chromium-browser', 'google-chrome', 'Chromium', 'Google Chrome'],
  },
};
