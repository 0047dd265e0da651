import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** Whatever the reader has chosen; never one that exists on a single Grafana only. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in.
export const DATASOURCE: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .description('The Prometheus that scrapes this cluster.')
    .type('prometheus')
    .multi(false)
    .includeAll(false);
}

export function replicaVariable(): QueryVariableBuilder {
  return labelValues('instance', 'up{job="weir"}')
    .label('Replica')
    .description('Replicas to look at, those that are gone included in All.');
}

export function workflowVariable(): QueryVariableBuilder {
  return labelValues('workflow', 'weir_runs_started_total{job="weir"}')
    .label('Workflow')
    .description('Workflows by name; "other" is what came after the first hundred of a replica.');
}

/** All of them unless the reader chooses; All matches everything rather than today's list, so that graphs of last week are complete. */
function labelValues(label: string, series: string): QueryVariableBuilder {
  const query = `label_values(${series}, ${label})`;
  return new QueryVariableBuilder(label)
    .datasource(DATASOURCE)
    .query({ qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}
