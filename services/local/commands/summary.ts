import type { Cluster } from '../cluster/cluster.ts';
import { alertReceivers } from '../cluster/monitoring/alert-receivers.ts';
import type { ClusterPlan } from '../cluster/plan.ts';

/** Addresses and what to try next. */
export function summary(plan: ClusterPlan, cluster: Cluster): string {
  const url = `http://127.0.0.1:${plan.httpPort}`;
  const port = (name: string) => `http://127.0.0.1:${plan.ports.known(name) ?? '?'}`;
  const addresses = [
    `  Console        ${url}/console/`,
    `  API            ${url}/api/v1   (browse it: ${url}/api/v1/docs)`,
    `  Status         ${url}/status`,
    `  Live events    ${url.replace('http', 'ws')}/ws`,
    `  Replicas       ${cluster.replicaNames.map(port).join('  ')}`,
    `  Metrics        ${cluster.replicaNames.map((name) => `${port(`${name}-internal`)}/metrics`).join('  ')}`,
    ...monitoringLines(plan, cluster),
  ];
  return `
Weir   ${url}
${addresses.join('\n')}

Next
  npx weir run examples/hello.json --watch    run a workflow and watch it
  npx weir status                             how the cluster is
  make token USER_ID=alice                    an access token for curl
  make up REPLICAS=5                          more replicas, while it runs
  make restart                                changed sources into force, while it runs
  make logs | make status | make down`;
}

/** Addresses of the monitoring, and who hears of an alert; nothing when the cluster is not watched. */
export function monitoringLines(plan: ClusterPlan, cluster: Cluster): string[] {
  const line = (title: string, name: string, more = '') =>
    cluster.monitoring.part(name) === undefined
      ? []
      : [`  ${title.padEnd(14)} http://127.0.0.1:${plan.ports.known(name) ?? '?'}${more}`];
  return [
    ...line('Prometheus', 'prometheus'),
    ...line('Alertmanager', 'alertmanager', `   (alerts reach ${alertReceivers(plan.state)})`),
    ...line('Grafana', 'grafana'),
  ];
}
