import { createMetrics } from '../../../shared/observability/metrics.ts';
import { EXPORTED } from './exported-metrics.ts';
import { recordingRules } from './rule-files.ts';

const { declared, registry } = createMetrics();

/** Labels of what replicas declare themselves. */
const OF_REPLICA = new Map(declared.map(({ name, labels }) => [name, labels]));

const NAMES = new Set([
  'up',
  ...OF_REPLICA.keys(),
  // Those of Node are declared by prom-client.
  ...registry.getMetricsAsArray().map(({ name }) => name),
  ...recordingRules().map(({ record }) => record),
  ...Object.values(EXPORTED).flat(),
]);

/** Whether a replica, a named exporter or a recording rule reports a series of this name. */
export function isReported(series: string): boolean {
  return NAMES.has(series) || NAMES.has(familyOf(series));
}

/** Labels that a replica gives to this series; undefined: it is not a replica's own. */
export function labelsOf(series: string): readonly string[] | undefined {
  return OF_REPLICA.get(series) ?? OF_REPLICA.get(familyOf(series));
}

/** A histogram has three series. */
function familyOf(series: string): string {
  return series.replace(/_(bucket|count|sum)$/, '');
}
