import type { Metrics } from '../../../../shared/observability/metrics.ts';
import { defineRoute, type Route } from '../route.ts';

/** Prometheus's page; mounted on the internal port only. */
export function metricsRoute({ metrics }: { metrics: Pick<Metrics, 'registry'> }): Route {
  return defineRoute({
    method: 'get',
    path: '/metrics',
    tag: 'Service',
    summary: 'Metrics of this replica',
    access: 'public',
    input: {},
    answer: { status: 200, description: 'Prometheus text format.', mediaType: 'text/plain' },
    handle: async () => ({
      text: await metrics.registry.metrics(),
      headers: { 'Content-Type': metrics.registry.contentType },
    }),
  });
}
