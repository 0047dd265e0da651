import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../../shared/config/package.ts';
import type { MonitoringBinaries } from '../../install/ensure-programs.ts';

/** What is particular to one cluster's monitoring. Durations as Prometheus writes them: `5s`, `1m`. */
export interface MonitoringPlan {
  /** Parts whose program is missing do not exist. */
  binaries: MonitoringBinaries;
  /** Between two looks at a replica. */
  scrapeInterval: string;
  /** Between two looks at everything else, whose figures change slowly. */
  slowScrapeInterval: string;
  /** Between two evaluations of the rules that do not say otherwise. */
  evaluationInterval: string;
  /** Rule files (a pattern); those of the project unless a test brings its own. */
  rules: string;
  /** `ALERT_*`: who is told, and after how long; see monitoring/alertmanager/alertmanager.yml.template. */
  alerting: Readonly<Record<string, string>>;
}

/** Names of the parts, in the order of starting: Prometheus has to know the ports of the others, Grafana the one of Prometheus. */
export const MONITORING_PARTS = [
  'alertmanager',
  'node-exporter',
  'postgres-exporter',
  'redis-exporter',
  'nginx-exporter',
  'prometheus',
  'grafana',
] as const;
export type MonitoringPartName = (typeof MONITORING_PARTS)[number];

/** A plan with the intervals of operation, which docker-compose.yml has too. */
export function monitoringPlan(
  binaries: MonitoringBinaries,
  changes: Partial<Omit<MonitoringPlan, 'binaries'>> = {},
): MonitoringPlan {
  return {
    binaries,
    scrapeInterval: '5s',
    slowScrapeInterval: '15s',
    evaluationInterval: '15s',
    rules: join(PACKAGE_ROOT, 'monitoring/prometheus/rules/*.yml'),
    alerting: {},
    ...changes,
  };
}
