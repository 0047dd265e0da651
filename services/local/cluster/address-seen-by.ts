import type { ClusterPlan } from './plan.ts';

const ADDRESS = /127\.0\.0\.1:(\d+)/g;

/** `text` with every address of this machine in it replaced by the one at which `from` finds `to`, when something stands between the two. */
export async function addressSeenBy(
  { portSeenBy }: Pick<ClusterPlan, 'portSeenBy'>,
  from: string,
  to: string,
  text: string,
): Promise<string> {
  if (portSeenBy === undefined) return text;
  const ports = [...new Set([...text.matchAll(ADDRESS)].map(([, port]) => Number(port)))];
  const seen = new Map<string, number>();
  for (const port of ports) seen.set(String(port), await portSeenBy(from, to, port));
  return text.replace(ADDRESS, (_, port: string) => `127.0.0.1:${seen.get(port)}`);
}
