import * as units from '@grafana/grafana-foundation-sdk/units';
import { numbers, type Row } from '../dashboard.ts';
import { ranking, stat } from '../panels.ts';
import { falling, LIMITS, noneExpected, rising } from '../thresholds.ts';
import { BY_OBJECTIVE, budgetLeft, errors, latency } from './indicators.ts';

export const nowRows: readonly Row[] = [
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
      description: 'API requests without an error of ours in 30 days, or since there is data. The objective is 99.9 %.',
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
      thresholds: budgetLeft(),
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
    stat({
      title: 'Open incidents',
      description: 'What the status page tells everybody right now; planned maintenance is none.',
      unit: units.Short,
      decimals: 0,
      thresholds: noneExpected(),
      queries: [['max(weir_incidents_open{job="weir"})', 'open']],
    }),
  ),
];
