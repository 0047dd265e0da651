import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, type Row } from '../dashboard.ts';
import { graph } from '../panels.ts';
import { quantile } from '../promql.ts';
import { LIMITS } from '../thresholds.ts';
import { latency, REQUESTS } from './indicators.ts';

export const latencyRows: readonly Row[] = [
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
      queries: [[quantile(0.95, REQUESTS, '5m', 'instance'), '{{instance}}']],
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
];
