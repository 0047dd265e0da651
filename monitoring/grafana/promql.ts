/** The replicas that the reader has chosen. */
const REPLICAS = 'job="weir",instance=~"$instance"';

/** `name{…}` of the chosen replicas; `matchers` as in PromQL: `status="failed"`. */
export function replicas(name: string, ...matchers: string[]): string {
  return `${name}{${[REPLICAS, ...matchers].join(',')}}`;
}

/** `name{…}` of the chosen replicas and workflows. */
export function workflows(name: string, ...matchers: string[]): string {
  return replicas(name, 'workflow=~"$workflow"', ...matchers);
}

/** A recorded series of each replica, for the chosen ones. */
export function recorded(name: string): string {
  return `${name}{instance=~"$instance"}`;
}

/** `sum(…)`, or by the given labels. */
export function sum(vector: string, ...by: string[]): string {
  return aggregate('sum', vector, by);
}

export function max(vector: string, ...by: string[]): string {
  return aggregate('max', vector, by);
}

function aggregate(operator: string, vector: string, by: string[]): string {
  return by.length === 0 ? `${operator}(${vector})` : `${operator} by (${by.join(', ')}) (${vector})`;
}

/** Per second, over the least time in which Grafana is sure to find two samples. */
export function rate(counter: string, window = '$__rate_interval'): string {
  return `rate(${counter}[${window}])`;
}

/**
 * What a counter gained in `window`. `increase` never sees the first event of a series, because the series begins with it; for rare events, which
 * matter most, that would be all of them. So a series that was not there in the hour before counts from zero. Costs two more lookups, and counts too
 * much once, when Prometheus itself saw nothing for an hour.
 */
export function gained(counter: string, window: string): string {
  return `(${counter} unless last_over_time(${counter}[1h] offset ${window}) or increase(${counter}[${window}]))`;
}

/** The suffix by which a test knows what was filled in. */
export const ZERO_WHILE_SCRAPED = ' or 0 * max(weir_build_info{job="weir"})';

/** A sum without series is zero as long as replicas are scraped, and "no data" when they are not. Only for expressions without labels. */
export function orZero(expression: string): string {
  return `${expression}${ZERO_WHILE_SCRAPED}`;
}

/** Nothing rather than a division by zero: without requests there is no error rate. */
export function ratio(part: string, whole: string): string {
  return `${part} / (${whole} > 0)`;
}

/** The `q`-quantile of a histogram; nothing where nothing was observed. `by`: labels to keep. */
export function quantile(q: number, histogram: string, window = '$__rate_interval', ...by: string[]): string {
  const buckets = histogram.replace('{', '_bucket{');
  return `histogram_quantile(${q}, ${sum(rate(buckets, window), 'le', ...by)}) >= 0`;
}
