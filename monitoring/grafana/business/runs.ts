import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, numbers, type Row } from '../dashboard.ts';
import { graph, stat } from '../panels.ts';
import { orZero, quantile, ratio, replicas, workflows } from '../promql.ts';
import { falling, noneExpected } from '../thresholds.ts';
import { HOUR, inHour, WAIT } from './last-hour.ts';

const started = workflows('weir_runs_started_total');
const finished = (status: string) => workflows('weir_runs_finished_total', `status="${status}"`);

export const runRows: readonly Row[] = [
  numbers(
    'Last hour',
    stat({
      title: 'Runs started',
      description: 'Runs that a worker began in the last hour, retries included.',
      unit: units.Short,
      decimals: 0,
      queries: [[orZero(inHour(started)), 'started']],
    }),
    stat({
      title: 'Runs succeeded',
      description: 'Runs that ended well in the last hour.',
      unit: units.Short,
      decimals: 0,
      queries: [[orZero(inHour(finished('succeeded'))), 'succeeded']],
    }),
    stat({
      title: 'Runs failed',
      description: 'Runs that ended in an error in the last hour. The dashboard Errors says which.',
      unit: units.Short,
      decimals: 0,
      thresholds: noneExpected(),
      queries: [[orZero(inHour(finished('failed'))), 'failed']],
    }),
    stat({
      title: 'Timed out waiting',
      description:
        'Runs that waited in the queue for the longest time allowed and never started. Each is a user who was let down: more slots, or fewer starts.',
      unit: units.Short,
      decimals: 0,
      thresholds: noneExpected(),
      queries: [[orZero(inHour(finished('timed_out'))), 'timed out']],
    }),
    stat({
      title: 'Success rate',
      description:
        'Runs that succeeded among those that succeeded, failed or timed out in the last hour. No data: none ended.',
      unit: units.PercentUnit,
      decimals: 1,
      thresholds: falling(0.99, 0.95),
      queries: [
        [
          ratio(inHour(finished('succeeded')), inHour(workflows('weir_runs_finished_total', 'status!="cancelled"'))),
          'succeeded',
        ],
      ],
    }),
    stat({
      title: 'Median wait',
      description:
        'Half of the runs that got a slot in the last hour waited less than this from acceptance. No data: none got one.',
      unit: units.Seconds,
      queries: [[quantile(0.5, WAIT, HOUR), 'median']],
    }),
  ),
  graphs(
    'Runs',
    graph({
      title: 'Runs per hour',
      description: 'At each moment: runs of the hour before it, by what became of them.',
      unit: units.Short,
      queries: [
        [orZero(inHour(started)), 'started'],
        [inHour(workflows('weir_runs_finished_total'), 'status'), '{{status}}'],
      ],
    }),
    graph({
      title: 'Started per hour by workflow',
      description: 'At each moment: runs begun in the hour before it. Names beyond the first hundred are "other".',
      unit: units.Short,
      stacked: true,
      queries: [[inHour(started, 'workflow'), '{{workflow}}']],
    }),
    graph({
      title: 'Duration of runs',
      description: 'From slot to end, runs that succeeded; waiting in the queue is not in it. All workflows.',
      unit: units.Seconds,
      queries: [
        [quantile(0.5, replicas('weir_run_duration_seconds', 'status="succeeded"'), HOUR), 'median'],
        [quantile(0.95, replicas('weir_run_duration_seconds', 'status="succeeded"'), HOUR), 'p95'],
      ],
    }),
  ),
];
