import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, numbers, type Row } from '../dashboard.ts';
import { graph, stat } from '../panels.ts';
import { gained, orZero, replicas, sum, workflows } from '../promql.ts';
import { LIMITS, rising } from '../thresholds.ts';

const MONTH_SECONDS = 30 * 86_400;
/** A straight line through a week, a point an hour: days and nights weigh the same. */
const TREND = '[7d:1h]';
/** The fullest hour counts, not the mean: limits are reached at noon. */
const PEAK_USERS = `max_over_time(cluster:weir_users:saturation[1d])`;
const NEEDS_A_WEEK = 'A straight line through the last week: worth little before a week has passed.';
const databases = 'sum(pg_database_size_bytes{datname!~"template.*|postgres"})';
const linear = (expression: string) => `predict_linear((${expression})${TREND}, ${MONTH_SECONDS})`;
const growth = (expression: string) => `deriv((${expression})${TREND}) * ${MONTH_SECONDS}`;

export const forecastRows: readonly Row[] = [
  graphs(
    'Growth',
    graph({
      title: 'Most users of a day',
      description: 'In the 24 hours before each moment. Choose a range of weeks to see growth.',
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
      unit: units.Short,
      stacked: true,
      queries: [[sum(gained(workflows('weir_runs_started_total'), '1d'), 'workflow'), '{{workflow}}']],
    }),
    graph({
      title: 'Requests a day',
      description: 'To the API, in the 24 hours before each moment.',
      unit: units.Short,
      queries: [
        [
          orZero(
            sum(gained(replicas('weir_http_request_duration_seconds_count', 'route!~"/health|/ready|/metrics"'), '1d')),
          ),
          'requests',
        ],
      ],
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
  numbers(
    'In 30 days, if it goes on like this',
    stat({
      title: 'Peak of users',
      description: `Share of the user limit at the fullest time of a day. Raise the limit, or add replicas first, before it says 80 %. ${NEEDS_A_WEEK}`,
      unit: units.PercentUnit,
      decimals: 0,
      thresholds: rising(0.8, 1),
      queries: [[`clamp_min(${linear(PEAK_USERS)}, 0)`, 'users']],
    }),
    stat({
      title: 'Size of the databases',
      description: `What Postgres will hold. ${NEEDS_A_WEEK}`,
      unit: units.BytesIEC,
      queries: [[`clamp_min(${linear(databases)}, 0)`, 'size']],
    }),
    stat({
      title: 'Growth of the databases',
      description: `In 30 days. ${NEEDS_A_WEEK}`,
      unit: units.BytesIEC,
      queries: [[growth(databases), 'growth']],
    }),
    stat({
      title: 'Redis memory',
      description: `What Redis will use. ${NEEDS_A_WEEK}`,
      unit: units.BytesIEC,
      queries: [[`clamp_min(${linear('sum(redis_memory_used_bytes)')}, 0)`, 'memory']],
    }),
    stat({
      title: 'Fullest disk',
      description: `Share in use of the file system that will be fullest. Above 90 %: order space now. ${NEEDS_A_WEEK}`,
      unit: units.PercentUnit,
      decimals: 0,
      thresholds: LIMITS.disk(),
      queries: [[`clamp_min(max(${linear('device:node_filesystem:saturation')}), 0)`, 'disk']],
    }),
    stat({
      title: 'Busiest replica',
      description: `Share of its processor at the daily mean. Above 70 %: one replica more. ${NEEDS_A_WEEK}`,
      unit: units.PercentUnit,
      decimals: 0,
      thresholds: LIMITS.cpu(),
      queries: [[`clamp_min(max(${linear('instance:weir_cpu:saturation')}), 0)`, 'processor']],
    }),
  ),
];
