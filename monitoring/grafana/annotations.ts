import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { type AnnotationQuery, AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { gained, sum } from './promql.ts';
import { DATASOURCE } from './variables.ts';

/** Each compares a step of the graph with the one before; two scrapes must fit into it. */
const LEAST_STEP = '30s';
const STEP_AGO = ' offset $__interval';
const ACTIVE = 'weir_llm_provider_active{job="weir"}';

/** What changed, as lines across all graphs. Grafana marks every step at which a query has a value above zero, and draws steps in a row as one. */
export function annotations(): Array<Builder<AnnotationQuery>> {
  return [
    mark({
      name: 'Deploys',
      color: 'blue',
      expression: appears((then) => `count by (version, commit) (weir_build_info{job="weir"}${then})`),
      title: 'Weir {{version}}',
      text: 'commit {{commit}}',
      tags: 'version',
    }),
    mark({
      name: 'Level changes',
      color: 'orange',
      expression: `${sum(gained('weir_level_changes_total{job="weir"}', '$__interval'), 'to')} > 0`,
      title: 'Level {{to}}',
      text: 'How full the cluster is: normal, elevated, degraded, saturated.',
      tags: 'to',
    }),
    mark({
      name: 'Provider switches',
      color: 'purple',
      // Not at the first sight of a cluster: somebody answered before.
      expression: `${appears((then) => `max by (provider) (${ACTIVE}${then}) == 1`)} and on () count(${ACTIVE}${STEP_AGO})`,
      title: '{{provider}} answers',
      text: 'The model provider that answers has changed.',
      tags: 'provider',
    }),
    mark({
      name: 'Critical alerts',
      color: 'red',
      expression: 'max by (alertname, component) (ALERTS{alertstate="firing", severity="critical"})',
      title: '{{alertname}}',
      text: 'Somebody was called; docs/operations/runbook.md says what to do.',
      tags: 'component',
    }),
  ];
}

/** Series that are there now and were not a step ago; `at`: the expression with the given text behind its selector. */
function appears(at: (then: string) => string): string {
  return `${at('')} unless (${at(STEP_AGO)})`;
}

interface Mark {
  name: string;
  color: string;
  expression: string;
  title: string;
  text: string;
  tags: string;
}

function mark({ name, color, expression, title, text, tags }: Mark): AnnotationQueryBuilder {
  const query = new DataqueryBuilder().refId('Anno').datasource(DATASOURCE).expr(expression).interval(LEAST_STEP);
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(color)
    .target(query.range())
    .titleFormat(title)
    .textFormat(text)
    .tagKeys(tags);
}
