import type { MonitoringPlan } from './plan.ts';

/** Where Prometheus looks. A job without an address is left out. */
export interface ScrapeAddresses {
  /** File with the replicas, which Prometheus reads again whenever it changes. */
  replicas: string;
  /** `host:port` by job: postgres, redis, nginx, node, prometheus, alertmanager. */
  others: Readonly<Record<string, string>>;
  /** File with the load tests that are running; it may be missing. */
  load?: string;
}

/** The whole configuration of a local Prometheus; written as JSON, which is YAML too. The one for containers is monitoring/prometheus/prometheus.yml. */
export function prometheusConfiguration(
  monitoring: Pick<MonitoringPlan, 'scrapeInterval' | 'slowScrapeInterval' | 'evaluationInterval' | 'rules'>,
  addresses: ScrapeAddresses,
): string {
  const { alertmanager } = addresses.others;
  const fixed = Object.entries(addresses.others).map(([job, target]) => ({
    job_name: job,
    static_configs: [{ targets: [target] }],
  }));
  const configuration = {
    global: {
      scrape_interval: monitoring.slowScrapeInterval,
      scrape_timeout: shorter(monitoring.slowScrapeInterval, '10s'),
      evaluation_interval: monitoring.evaluationInterval,
    },
    rule_files: [monitoring.rules],
    alerting: {
      alertmanagers: alertmanager === undefined ? [] : [{ static_configs: [{ targets: [alertmanager] }] }],
    },
    scrape_configs: [
      {
        job_name: 'weir',
        scrape_interval: monitoring.scrapeInterval,
        scrape_timeout: shorter(monitoring.scrapeInterval, '4s'),
        file_sd_configs: [{ files: [addresses.replicas] }],
      },
      ...fixed,
      // What users see while a load test runs, as often as what replicas see.
      ...(addresses.load === undefined
        ? []
        : [
            {
              job_name: 'load',
              scrape_interval: monitoring.scrapeInterval,
              scrape_timeout: shorter(monitoring.scrapeInterval, '4s'),
              file_sd_configs: [{ files: [addresses.load], refresh_interval: '5s' }],
            },
          ]),
    ],
  };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}

/** One entry per replica for `file_sd_configs`. The name as `instance` says more than an address, and stays when the port changes. */
export function replicaTargets(replicas: ReadonlyArray<{ name: string; internalPort: number }>): string {
  const targets = replicas.map(({ name, internalPort }) => ({
    targets: [`127.0.0.1:${internalPort}`],
    labels: { instance: name },
  }));
  return `${JSON.stringify(targets, null, 2)}\n`;
}

/** Prometheus refuses a timeout that is longer than the interval. */
function shorter(interval: string, timeout: string): string {
  return milliseconds(interval) < milliseconds(timeout) ? interval : timeout;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function milliseconds(duration: string): number {
  const [, value, unit] = /^(\d+)(ms|s|m|h)$/.exec(duration) ?? [];
  const factor = UNITS[unit ?? ''];
  if (factor === undefined) throw new Error(`"${duration}" is not a duration like 500ms, 5s, 1m or 1h.`);
  return Number(value) * factor;
}
