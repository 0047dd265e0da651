import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { UNMATCHED } from './request-context.ts';
import type { Route } from './route.ts';
import { errorsOf } from './route-errors.ts';

/** What a request without a route can be answered with; the last two by the HTTP parser. */
const UNMATCHED_ERRORS: readonly ErrorCode[] = [
  'not_found',
  'bad_request',
  'internal',
  'request_timeout',
  'headers_too_large',
];

/** Lets the counters of all problems that `routes` know begin at 0, so that a rate sees the first one too. */
export function prepareProblems({ problems }: Metrics['http'], routes: readonly Route[]): void {
  for (const code of UNMATCHED_ERRORS) problems.inc({ code, route: UNMATCHED }, 0);
  for (const route of routes) {
    for (const code of errorsOf(route)) problems.inc({ code, route: route.path }, 0);
  }
}
