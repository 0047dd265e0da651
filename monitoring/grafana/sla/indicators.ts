import { replicas } from '../promql.ts';
import { falling } from '../thresholds.ts';

/** Not what a user of the API meets; the recording rules leave out the same. */
const API = 'route!~"/health|/ready|/metrics|unmatched"';

export const REQUESTS = replicas('weir_http_request_duration_seconds', API);

/** How many requests the API had; `matchers` as in PromQL. */
export function counted(...matchers: string[]): string {
  return replicas('weir_http_request_duration_seconds_count', API, ...matchers);
}

/** `p50`, `p95` or `p99` over 5 minutes; nothing where there were no requests. */
export function latency(which: string): string {
  return `cluster:weir_http_request_duration_seconds:${which}_5m >= 0`;
}

/** Share of bad events by objective (label `slo`). */
export function errors(window: string): string {
  return `slo:weir_errors:ratio${window}`;
}

export const BY_OBJECTIVE = '{{slo}}';

/** A share of 30 days: a quarter left is the time to slow down, nothing left the time to stop changing things. */
export const budgetLeft = () => falling(0.25, 0.001);
