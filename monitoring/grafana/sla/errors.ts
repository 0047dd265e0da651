import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, type Row } from '../dashboard.ts';
import { graph } from '../panels.ts';
import { gained, rate, ratio, sum } from '../promql.ts';
import { LIMITS } from '../thresholds.ts';
import { BY_OBJECTIVE, budgetLeft, counted, errors } from './indicators.ts';

const byReplica = (counter: string) => sum(gained(counter, '$__rate_interval'), 'instance');

export const errorRows: readonly Row[] = [
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
          `${ratio(byReplica(counted('status=~"5.."')), byReplica(counted()))} or 0 * ${byReplica(counted())}`,
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
        'How many times faster than allowed errors happen: at 1 the budget lasts exactly 30 days; at 3 ten days, at 14.4 two. Short windows react, long ones tell a habit.',
      unit: units.Short,
      thresholds: LIMITS.burnRate(),
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
      thresholds: LIMITS.burnRate(),
      queries: [['slo:weir_burn_rate:1h', BY_OBJECTIVE]],
    }),
    graph({
      title: 'Budget left',
      description: 'Share of the errors of 30 days that may still happen.',
      unit: units.PercentUnit,
      max: 1,
      thresholds: budgetLeft(),
      queries: [['slo:weir_budget_left:ratio30d', BY_OBJECTIVE]],
    }),
  ),
];
