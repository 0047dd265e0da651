import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, type Row } from '../dashboard.ts';
import { graph } from '../panels.ts';
import { quantile, replicas } from '../promql.ts';
import { inHour, WAIT } from './last-hour.ts';

export const peopleRows: readonly Row[] = [
  graphs(
    'People and waiting',
    graph({
      title: 'Users',
      description:
        'People connected now, and how many there is room for. Comforts go off from 90 %; the dashboard Capacity has more.',
      unit: units.Short,
      decimals: 0,
      queries: [
        ['cluster:weir_users:max', 'users'],
        ['cluster:weir_users_limit:max', 'limit'],
      ],
    }),
    graph({
      title: 'Wait for a slot',
      description: 'From acceptance to slot. All workflows.',
      unit: units.Seconds,
      queries: [
        [quantile(0.5, WAIT, '10m'), 'median'],
        [quantile(0.95, WAIT, '10m'), 'p95'],
      ],
    }),
    graph({
      title: 'Starts per hour by answer',
      description:
        'What people were told who asked for a run, in the hour before each moment: started at once, queued, or why not.',
      unit: units.Short,
      stacked: true,
      queries: [[inHour(replicas('weir_admissions_total'), 'outcome'), '{{outcome}}']],
    }),
    graph({
      title: 'Chat messages per hour',
      description:
        'In the hour before each moment. repeated: sent again by a client that missed the answer, stored once. refused: too fast, or not a participant.',
      unit: units.Short,
      stacked: true,
      queries: [[inHour(replicas('weir_chat_messages_total'), 'outcome'), '{{outcome}}']],
    }),
  ),
];
