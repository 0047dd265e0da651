import type { LocalCluster } from '../../../services/local/local-cluster.ts';

/** What replicas have counted of their cached reads, together. */
export interface CacheFigures {
  /** By cache, and by outcome within it. */
  requests: Record<'workflow' | 'run', Record<'hit' | 'miss' | 'bypass', number>>;
  /** Runs found in memory, by upper bound (s), cumulative as Prometheus counts. */
  hitsWithin: Array<[seconds: number, count: number]>;
}

export async function readCacheFigures(replicas: readonly LocalCluster['replicas'][number][]): Promise<CacheFigures> {
  const pages = await Promise.all(
    replicas.map(async ({ internalUrl }) => (await fetch(`${internalUrl}/metrics`)).text()),
  );
  const lines = pages.flatMap((page) => page.split('\n'));
  const sum = (start: string) =>
    lines.filter((line) => line.startsWith(start)).reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
  const requestsOf = (cache: string) => {
    const of = (outcome: string) => sum(`weir_cache_requests_total{cache="${cache}",outcome="${outcome}"}`);
    return { hit: of('hit'), miss: of('miss'), bypass: of('bypass') };
  };
  const bounds = new Set(
    lines.flatMap((line) => /^weir_cache_hit_duration_seconds_bucket\{le="([^"]+)"\}/.exec(line)?.[1] ?? []),
  );
  return {
    requests: { workflow: requestsOf('workflow'), run: requestsOf('run') },
    hitsWithin: [...bounds].map((le) => [
      le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le),
      sum(`weir_cache_hit_duration_seconds_bucket{le="${le}"}`),
    ]),
  };
}

/** Share of hits since `before`; NaN when nothing was read. No cache named: of all together. */
export function hitRate(before: CacheFigures, after: CacheFigures, ...caches: Array<'workflow' | 'run'>): number {
  const counted = caches.length === 0 ? (['workflow', 'run'] as const) : caches;
  const gained = (outcome: 'hit' | 'miss' | 'bypass') => {
    let sum = 0;
    for (const cache of counted) sum += after.requests[cache][outcome] - before.requests[cache][outcome];
    return sum;
  };
  return gained('hit') / (gained('hit') + gained('miss') + gained('bypass'));
}

/** Least bound (ms) within which this share of the hits since `before` was found; NaN when there was none. */
export function hitMsWithin(before: CacheFigures, after: CacheFigures, share: number): number {
  const earlier = new Map(before.hitsWithin);
  const gained = after.hitsWithin.map(([bound, count]) => [bound, count - (earlier.get(bound) ?? 0)] as const);
  const all = gained.find(([bound]) => !Number.isFinite(bound))?.[1] ?? 0;
  if (all === 0) return Number.NaN;
  return 1_000 * Math.min(...gained.filter(([, count]) => count >= share * all).map(([bound]) => bound));
}
