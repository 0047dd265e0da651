import { REPORTERS } from '../../../shared/observability/metrics/metric-book.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';

/** By the end of the name (without `_total`); what has none is a plain number. */
const UNITS: ReadonlyArray<readonly [ending: string, unit: string]> = [
  ['_seconds', 's'],
  ['_bytes', 'bytes'],
  ['_usd', 'USD'],
  ['_cores', 'cores'],
  ['_utilization', '0–1'],
];

/** docs/operations/metrics.md: every metric of a replica. */
export function metricsPage(): string {
  const { registry, declared } = createMetrics();
  const own = new Set(declared.map(({ name }) => name));
  const ours = declared.map(({ name, type, labels, by, help }) =>
    row([`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), unitOf(name), help, by]),
  );
  const ofNode = registry
    .getMetricsAsArray()
    .filter(({ name }) => !own.has(name))
    .map(({ name, type, help }) => row([`\`${name}\``, String(type), unitOf(name), help]));
  return [
    '# Metrics',
    '',
    'Every metric of a replica, as `/metrics` on its internal port (`WEIR_INTERNAL_PORT`) answers it. Generated from',
    '`shared/observability/metrics/` (`npm run generate`).',
    '',
    '```',
    "curl -s http://127.0.0.1:9464/metrics | grep '^weir_'",
    '```',
    '',
    '**by** says which replicas report a metric, and so how the values of several replicas are put together:',
    '',
    ...Object.entries(REPORTERS).map(([by, meaning]) => `- \`${by}\`: ${meaning}`),
    '',
    'Counters begin at 0 when a replica starts. Series of codes, outcomes and reasons that are known beforehand are there from then on, so that',
    'a rate sees the first of them too; series by workflow are there when the replica has begun the first run of that workflow. Names that',
    'strangers make up (workflows, models, users) are bounded: the first 100, 20 and 200 of a replica, then `other`.',
    '',
    row(['name', 'type', 'labels', 'unit', 'meaning', 'by']),
    '|---|---|---|---|---|---|',
    ...ours,
    '',
    '## Of Node.js',
    '',
    'Reported by every replica, about its process, by [prom-client](https://github.com/siimon/prom-client).',
    '',
    row(['name', 'type', 'unit', 'meaning']),
    '|---|---|---|---|',
    ...ofNode,
    '',
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|') || '–').join(' | ')} |`;
}

function unitOf(name: string): string {
  const bare = name.replace(/_total$/, '');
  return UNITS.find(([ending]) => bare.endsWith(ending))?.[1] ?? '';
}
