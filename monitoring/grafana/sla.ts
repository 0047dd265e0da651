import * as units from '@grafana/grafana-foundation-sdk/units';
import { dashboard, graphs, numbers } from './dashboard.ts';
import { graph, ranking, stat } from './panels.ts';
import { quantile, rate, ratio, replicas, sum } from './promql.ts';
import { falling, LIMITS, rising } from './thresholds.ts';

/** Not what a user of the API meets; the recording rules leave out the same. */
const API = 'route!~"/health|/ready|/metrics|unmatched"';
const requests = replicas('weir_http_request_duration_seconds', API);
const counted = (...matchers: string[]) => replicas('weir_http_request_duration_seconds_count', API, ...matchers);
const latency = (which: string) => `cluster:weir_http_request_duration_seconds:${which}_5m >= 0`;
const errors = (window: string) => `slo:weir_errors:ratio${window}`;
const BY_OBJECTIVE = '{{slo}}';
/** A share of 30 days: a quarter left is the time to slow down, nothing left the time to stop changing things. */
const budgetLeft = falling(0.25, 0.001);
/** As fast as the alerts: 14.4 spends 2 % of 30 days in an hour, 6 spends 5 % in six. */
const burn = rising(6, 14.4);

/** What is promised, and whether it is kept. */
export const sla = dashboard({
  uid: 'weir-sla',
  title: 'Weir / SLA',
  description:
    'Objectives over 30 days: 99.9 % of API requests without an error of ours (availability), 95 % within 500 ms (latency), 99 % of runs begun within 500 ms of their slot (start), 99.5 % of accepted runs neither failed by us nor left waiting (runs).',
  tags: ['sla'],
  byWorkflow: false,
  rows: [
    numbers(
      'Now (5 minutes)',
      stat({
        title: 'Availability',
        description: 'API requests without an error of ours, in 5 minutes. No data: no requests.',
        unit: units.PercentUnit,
        decimals: 2,
        thresholds: falling(0.99, 0.95),
        queries: [[`1 - ${errors('5m')}{slo="availability"}`, 'available']],
      }),
      stat({
        title: 'Error rate',
        description:
          'API requests that failed by our fault, in 5 minutes. A full queue or a wrong input is no error of ours.',
        unit: units.PercentUnit,
        decimals: 2,
        thresholds: LIMITS.errorRate(),
        queries: [[`${errors('5m')}{slo="availability"}`, 'errors']],
      }),
      stat({
        title: 'p50',
        description: 'Half of the API requests of the last 5 minutes were answered within this.',
        unit: units.Seconds,
        thresholds: LIMITS.p95(),
        queries: [[latency('p50'), 'p50']],
      }),
      stat({
        title: 'p95',
        description:
          '19 of 20 API requests of the last 5 minutes were answered within this. Warning above 500 ms, critical above 2 s.',
        unit: units.Seconds,
        thresholds: LIMITS.p95(),
        queries: [[latency('p95'), 'p95']],
      }),
      stat({
        title: 'p99',
        description: '99 of 100 API requests of the last 5 minutes were answered within this.',
        unit: units.Seconds,
        thresholds: rising(1, 2),
        queries: [[latency('p99'), 'p99']],
      }),
      stat({
        title: 'Requests',
        description: 'API requests a second over 5 minutes: with few of them one error is a large share.',
        unit: units.RequestsPerSecond,
        queries: [['cluster:weir_http_requests:rate5m', 'requests']],
      }),
    ),
    numbers(
      '30 days',
      stat({
        title: 'Availability',
        description:
          'API requests without an error of ours in 30 days, or since there is data. The objective is 99.9 %.',
        unit: units.PercentUnit,
        decimals: 3,
        thresholds: falling(0.9995, 0.999),
        queries: [[`1 - ${errors('30d')}{slo="availability"}`, 'available']],
      }),
      ranking({
        title: 'Error budget left',
        description:
          'Of the errors that 30 days may have: 100 % none was made, 0 % all were, below: the objective is missed.',
        unit: units.PercentUnit,
        decimals: 1,
        max: 1,
        thresholds: budgetLeft,
        queries: [['sort(slo:weir_budget_left:ratio30d)', BY_OBJECTIVE]],
      }),
      ranking({
        title: 'Errors against the objective',
        description:
          'Share of bad events in 30 days, by objective. Divide by what the objective allows for the part of the budget that is spent.',
        unit: units.PercentUnit,
        decimals: 3,
        queries: [[`sort_desc(${errors('30d')})`, BY_OBJECTIVE]],
      }),
    ),
    graphs(
      'Latency',
      graph({
        title: 'API latency',
        description:
          'Time from request to answer, all replicas, over 5 minutes. Warning above 500 ms, critical above 2 s at p95.',
        unit: units.Seconds,
        thresholds: LIMITS.p95(),
        queries: [
          [latency('p50'), 'p50'],
          [latency('p95'), 'p95'],
          [latency('p99'), 'p99'],
        ],
      }),
      graph({
        title: 'p95 by route',
        description: 'Which part of the API is slow.',
        unit: units.Seconds,
        thresholds: LIMITS.p95(),
        queries: [['route:weir_http_request_duration_seconds:p95_5m >= 0', '{{route}}']],
      }),
      graph({
        title: 'p95 by replica',
        description: 'One line above the others: that replica, or its machine, has a trouble of its own.',
        unit: units.Seconds,
        thresholds: LIMITS.p95(),
        queries: [[quantile(0.95, requests, '5m', 'instance'), '{{instance}}']],
      }),
    ),
    graphs(
      'Errors',
      graph({
        title: 'Error rate',
        description: 'Share of API requests that failed by our fault, over 5 minutes and over an hour.',
        unit: units.PercentUnit,
        thresholds: LIMITS.errorRate(),
        queries: [
          [`${errors('5m')}{slo="availability"}`, '5 minutes'],
          [`${errors('1h')}{slo="availability"}`, '1 hour'],
        ],
      }),
      graph({
        title: '5xx by replica',
        description: 'Share of the answers of each replica with a status of 500 and above, full queues (503) included.',
        unit: units.PercentUnit,
        thresholds: LIMITS.errorRate(),
        queries: [
          [
            `${ratio(sum(rate(counted('status=~"5.."')), 'instance'), sum(rate(counted()), 'instance'))} or 0 * ${sum(rate(counted()), 'instance')}`,
            '{{instance}}',
          ],
        ],
      }),
      graph({
        title: 'Requests by status',
        description: 'API requests a second. 4xx: the client was wrong or had to wait; 5xx: we were wrong or full.',
        unit: units.RequestsPerSecond,
        stacked: true,
        queries: [[sum(rate(counted()), 'status'), '{{status}}']],
      }),
    ),
    graphs(
      'Error budget',
      graph({
        title: 'Burn rate: availability',
        description:
          'How many times faster than allowed errors happen: at 1 the budget lasts exactly 30 days, at 14.4 two days. Short windows react, long ones tell a habit.',
        unit: units.Short,
        thresholds: burn,
        queries: [
          ['slo:weir_burn_rate:5m{slo="availability"}', '5 minutes'],
          ['slo:weir_burn_rate:1h{slo="availability"}', '1 hour'],
          ['slo:weir_burn_rate:6h{slo="availability"}', '6 hours'],
          ['slo:weir_burn_rate:3d{slo="availability"}', '3 days'],
        ],
      }),
      graph({
        title: 'Burn rate: all objectives',
        description: 'Over one hour. Above 1 for long, the objective will be missed.',
        unit: units.Short,
        thresholds: burn,
        queries: [['slo:weir_burn_rate:1h', BY_OBJECTIVE]],
      }),
      graph({
        title: 'Budget left',
        description: 'Share of the errors of 30 days that may still happen.',
        unit: units.PercentUnit,
        max: 1,
        thresholds: budgetLeft,
        queries: [['slo:weir_budget_left:ratio30d', BY_OBJECTIVE]],
      }),
    ),
    graphs(
      'From click to run',
      graph({
        title: 'Answer to a start',
        description:
          'From a valid request to the answer "accepted", p95 over 5 minutes: what a user waits for after the click.',
        unit: units.Seconds,
        thresholds: LIMITS.p95(),
        queries: [['cluster:weir_admission_duration_seconds:p95_5m >= 0', 'p95']],
      }),
      graph({
        title: 'Wait in the queue',
        description:
          'From acceptance to slot, over 5 minutes. The longest wait allowed is a setting; the dashboard Capacity shows it.',
        unit: units.Seconds,
        queries: [
          ['cluster:weir_queue_wait_seconds:p50_5m >= 0', 'p50'],
          ['cluster:weir_queue_wait_seconds:p95_5m >= 0', 'p95'],
          ['cluster:weir_queue_wait_seconds:p99_5m >= 0', 'p99'],
        ],
      }),
      graph({
        title: 'From slot to first step',
        description: 'Time that the machinery itself costs a run. The objective: 99 % within 500 ms.',
        unit: units.Seconds,
        thresholds: LIMITS.p95(),
        queries: [
          ['cluster:weir_start_latency_seconds:p50_5m >= 0', 'p50'],
          ['cluster:weir_start_latency_seconds:p95_5m >= 0', 'p95'],
          ['cluster:weir_start_latency_seconds:p99_5m >= 0', 'p99'],
        ],
      }),
    ),
  ],
});
