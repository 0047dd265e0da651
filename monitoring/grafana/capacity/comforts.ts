import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, type Row } from '../dashboard.ts';
import { graph, timeline } from '../panels.ts';
import { gained, max, replicas, sum } from '../promql.ts';
import { OFF_OR_ON } from '../states.ts';

const STEP = '$__rate_interval';
const comforts = (...matchers: string[]) => gained(replicas('weir_comforts_total', ...matchers), STEP);

/** What is given up first when the house is nearly full. */
export const comfortRows: readonly Row[] = [
  graphs(
    'Comforts: typing, presence, read receipts',
    timeline({
      title: 'Features',
      description:
        'Off from the level degraded upwards, or because an administrator forced it (GET /api/v1/admin/features/events says who and why).',
      unit: units.Short,
      mappings: OFF_OR_ON,
      queries: [[max(replicas('weir_feature_enabled'), 'feature'), '{{feature}}']],
    }),
    graph({
      title: 'Dropped because they are off',
      description:
        'Comforts that clients sent in each interval while the feature was off: load that the level keeps out.',
      unit: units.Short,
      stacked: true,
      queries: [[sum(comforts('outcome="off"'), 'comfort'), '{{comfort}}']],
    }),
    graph({
      title: 'Comforts by outcome',
      description:
        'In each interval. coalesced: one for several, which is what keeps them cheap. not_open: the client did not look at that chat.',
      unit: units.Short,
      stacked: true,
      queries: [[sum(comforts(), 'outcome'), '{{outcome}}']],
    }),
  ),
];
