import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, type Row } from '../dashboard.ts';
import { graph, type Query, stat } from '../panels.ts';
import { gained, orZero, replicas, sum, workflows } from '../promql.ts';
import { LIMITS, userLevels } from '../thresholds.ts';

const MONTH_SECONDS = 30 * 86_400;
/** A straight line through thirty days, four points a day: days and nights weigh the same. */
const TREND = '[30d:6h]';
/** The fullest moment of a day counts, not the mean: limits are reached at noon. */
const PEAK_USERS = 'max_over_time(cluster:weir_users:saturation[1d])';
const A_LINE =
  'A straight line through the last 30 days, or through what there is: worth little before a week has passed.';
/** Each point of a graph reads a whole day. */
const DAILY = '1h';
const databases = 'sum(pg_database_size_bytes{datname!~"template.*|postgres"})';
const requests = gained(replicas('weir_http_request_duration_seconds_count', 'route!~"/health|/ready|/metrics"'), '1d');

/** In a month and in half a year, never below zero. */
function forecast(expression: string): Query[] {
  const inMonths = (months: number) =>
    `clamp_min(max(predict_linear((${expression})${TREND}, ${months * MONTH_SECONDS})), 0)`;
  return [
    [inMonths(1), '30 days'],
    [inMonths(6), '6 months'],
  ];
}

export const forecastRows: readonly Row[] = [
  graphs(
    'Growth',
    graph({
      title: 'Most users of a day',
      description: 'In the 24 hours before each moment. Choose a range of weeks to see growth.',
      step: DAILY,
      unit: units.Short,
      decimals: 0,
      queries: [
        ['max_over_time(cluster:weir_users:max[1d])', 'most users'],
        ['cluster:weir_users_limit:max', 'limit'],
      ],
    }),
    graph({
      title: 'Runs a day by workflow',
      description: 'Begun in the 24 hours before each moment.',
      step: DAILY,
      unit: units.Short,
      stacked: true,
      queries: [[sum(gained(workflows('weir_runs_started_total'), '1d'), 'workflow'), '{{workflow}}']],
    }),
    graph({
      title: 'Requests a day',
      description: 'To the API, in the 24 hours before each moment.',
      step: DAILY,
      unit: units.Short,
      queries: [[orZero(sum(requests)), 'requests']],
    }),
    graph({
      title: 'Data',
      description: 'Size of the databases and memory that Redis uses.',
      unit: units.BytesIEC,
      queries: [
        [databases, 'Postgres'],
        ['redis_memory_used_bytes', 'Redis'],
      ],
    }),
  ),
  {
    title: 'If it goes on like this: in 30 days and in 6 months',
    height: 6,
    panels: [
      stat({
        title: 'Peak of users',
        description: `Share of the user limit at the fullest time of a day. Raise the limit, or add replicas first, before it says 80 %. ${A_LINE}`,
        unit: units.PercentUnit,
        decimals: 0,
        thresholds: userLevels(),
        queries: forecast(PEAK_USERS),
      }),
      stat({
        title: 'Busiest replica',
        description: `Share of its processor, at the mean of day and night. Above 70 %: one replica more. ${A_LINE}`,
        unit: units.PercentUnit,
        decimals: 0,
        thresholds: LIMITS.cpu(),
        queries: forecast('instance:weir_cpu:saturation'),
      }),
      stat({
        title: 'Fullest disk',
        description: `Share in use of the file system that will be fullest. Above 80 %: order space now. ${A_LINE}`,
        unit: units.PercentUnit,
        decimals: 0,
        thresholds: LIMITS.disk(),
        queries: forecast('device:node_filesystem:saturation'),
      }),
      stat({
        title: 'Size of the databases',
        description: `What Postgres will hold. ${A_LINE}`,
        unit: units.BytesIEC,
        queries: forecast(databases),
      }),
      stat({
        title: 'Growth of the databases',
        description: `In 30 days. ${A_LINE}`,
        unit: units.BytesIEC,
        queries: [[`deriv((${databases})${TREND}) * ${MONTH_SECONDS}`, 'growth']],
      }),
      stat({
        title: 'Redis memory',
        description: `What Redis will use; it needs a limit (maxmemory) above it. ${A_LINE}`,
        unit: units.BytesIEC,
        queries: forecast('sum(redis_memory_used_bytes)'),
      }),
    ],
  },
];
