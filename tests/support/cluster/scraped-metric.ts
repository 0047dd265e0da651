import type { ClusterReplica } from '../../../services/local/local-cluster.ts';

/** The value of a metric without labels, as Prometheus would read it from a replica; 0: not there. */
export async function scrapedMetric(replica: ClusterReplica, name: string): Promise<number> {
  const page = await (await fetch(`${replica.internalUrl}/metrics`)).text();
  const line = page
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name} `) || candidate.startsWith(`${name}{`));
  return Number(line?.split(' ').at(-1) ?? 0);
}
