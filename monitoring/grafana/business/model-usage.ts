import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, numbers, type Row } from '../dashboard.ts';
import { graph, ranking, stat } from '../panels.ts';
import { gained, orZero, ratio, replicas, sum } from '../promql.ts';
import { inHour } from './last-hour.ts';

const cost = replicas('weir_llm_cost_usd_total');
const tokens = replicas('weir_llm_tokens_total');

export const modelUsageRows: readonly Row[] = [
  numbers(
    'Models',
    stat({
      title: 'Cost in the last hour',
      description: 'Tokens times the prices in the settings. No data: no price is set, or no model was asked.',
      unit: units.Dollars,
      decimals: 2,
      queries: [[inHour(cost), 'cost']],
    }),
    stat({
      title: 'Cost in the last 24 hours',
      description: 'As the last hour. Counters of replicas that are gone are included.',
      unit: units.Dollars,
      decimals: 2,
      queries: [[sum(gained(cost, '24h')), 'cost']],
    }),
    stat({
      title: 'Cost per succeeded run',
      description: 'Cost of the last hour over the runs that succeeded in it, those without a model step included.',
      unit: units.Dollars,
      decimals: 4,
      queries: [[ratio(inHour(cost), inHour(replicas('weir_runs_finished_total', 'status="succeeded"'))), 'per run']],
    }),
    stat({
      title: 'Tokens in the last hour',
      description: 'Prompts and answers together, as the providers count them.',
      unit: units.Short,
      queries: [[orZero(inHour(tokens)), 'tokens']],
    }),
  ),
  graphs(
    'Models over time',
    graph({
      title: 'Tokens per hour',
      description: 'In the hour before each moment, by provider and direction (input: prompts, output: answers).',
      unit: units.Short,
      stacked: true,
      queries: [[inHour(tokens, 'provider', 'direction'), '{{provider}} {{direction}}']],
    }),
    graph({
      title: 'Cost per hour',
      description: 'In the hour before each moment, by model. No data: no price is set.',
      unit: units.Dollars,
      decimals: 2,
      stacked: true,
      queries: [[inHour(cost, 'provider', 'model'), '{{provider}} {{model}}']],
    }),
    ranking({
      title: 'Tokens by user, last hour',
      description:
        'The ten people who used most. Users beyond the first few hundred of a replica are counted as "other".',
      unit: units.Short,
      queries: [[`sort_desc(topk(10, ${inHour(replicas('weir_llm_user_tokens_total'), 'user')}))`, '{{user}}']],
    }),
  ),
];
