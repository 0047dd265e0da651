import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, type Row } from '../dashboard.ts';
import { graph, timeline } from '../panels.ts';
import { gained, max, quantile, replicas, sum } from '../promql.ts';
import { BREAKER } from '../states.ts';

const STEP = '$__rate_interval';
const each = (counter: string, ...by: string[]) => sum(gained(replicas(counter), STEP), ...by);

export const providerCallRows: readonly Row[] = [
  graphs(
    'Model providers',
    timeline({
      title: 'Breakers',
      description:
        'The worst that any replica sees. Open: the provider is left alone, and one probe for the whole cluster finds out when it works again.',
      unit: units.Short,
      mappings: BREAKER,
      queries: [[max(replicas('weir_llm_breaker_state'), 'provider'), '{{provider}}']],
    }),
    graph({
      title: 'Calls by outcome',
      description: 'Calls to models in each interval. succeeded is the good one; all others name what was wrong.',
      unit: units.Short,
      stacked: true,
      queries: [[each('weir_llm_calls_total', 'provider', 'outcome'), '{{provider}} {{outcome}}']],
    }),
    graph({
      title: 'Calls under way',
      description: 'Models that are answering right now. Rising while answers do not come: the provider hangs.',
      unit: units.Short,
      decimals: 0,
      stacked: true,
      queries: [[sum(replicas('weir_llm_calls_in_flight'), 'provider'), '{{provider}}']],
    }),
    graph({
      title: 'First content p95',
      description:
        'Until the first token of an answer, by provider. Beyond WEIR_LLM_FIRST_CONTENT_SECONDS another provider is asked.',
      unit: units.Seconds,
      queries: [[quantile(0.95, replicas('weir_llm_first_content_seconds'), '10m', 'provider'), '{{provider}}']],
    }),
  ),
  graphs(
    'Failover',
    graph({
      title: 'Switches',
      description: 'Calls that left one provider for another in each interval, and why.',
      unit: units.Short,
      stacked: true,
      queries: [[each('weir_llm_switches_total', 'from', 'to', 'reason'), '{{from}} to {{to}}: {{reason}}']],
    }),
    graph({
      title: 'Breakers opened',
      description: 'By provider and reason. unauthorized: somebody has to look at the key.',
      unit: units.Short,
      stacked: true,
      queries: [[each('weir_llm_breaker_openings_total', 'provider', 'reason'), '{{provider}} {{reason}}']],
    }),
    graph({
      title: 'Repeats and probes',
      description:
        'Repeats on the same provider (denied: the budget of the cluster for repeats was used up) and probes of open ones.',
      unit: units.Short,
      stacked: true,
      queries: [
        [each('weir_llm_retries_total', 'provider', 'outcome'), 'repeat {{provider}} {{outcome}}'],
        [each('weir_llm_probes_total', 'provider', 'outcome'), 'probe {{provider}} {{outcome}}'],
      ],
    }),
  ),
];
