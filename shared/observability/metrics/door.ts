import { LATENCY_BUCKETS } from './buckets.ts';
import type { MetricBook } from './metric-book.ts';

/** Starts as the door answers them. */
export function admissionMetrics(book: MetricBook) {
  return {
    outcomes: book.counter('weir_admissions_total', { by: 'api', help: 'Starts by outcome.', labels: ['outcome'] }),
    seconds: book.histogram('weir_admission_duration_seconds', {
      by: 'api',
      help: 'From validated request to answer.',
      buckets: LATENCY_BUCKETS,
    }),
  };
}

export function httpMetrics(book: MetricBook) {
  return {
    seconds: book.histogram('weir_http_request_duration_seconds', {
      by: 'replica',
      help: 'Requests by method, route (the pattern, or unmatched) and status.',
      labels: ['method', 'route', 'status'],
      buckets: LATENCY_BUCKETS,
    }),
    problems: book.counter('weir_http_problems_total', {
      by: 'replica',
      help: 'Requests that ended with a problem document, by its code and by route; /ws: sockets that were refused.',
      labels: ['code', 'route'],
    }),
    usersLimited: book.gauge('weir_http_users_limited', {
      by: 'api',
      help: 'Users whose requests this replica refuses now, as they ask faster than one user may.',
    }),
    rateUnknown: book.gauge('weir_http_user_rate_unknown', {
      by: 'api',
      help: '1: users are not limited, as Redis cannot be asked how much they ask elsewhere.',
    }),
  };
}
