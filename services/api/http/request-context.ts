import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TraceSpan } from '../../../shared/observability/tracing/spans.ts';

/** What a request is known by in logs, metrics and answers; lives in `res.locals.context`. */
export interface RequestContext {
  correlationId: string;
  /** Pattern of the route (`/api/v1/runs/:id`), a bounded set of labels. */
  route: string;
  /** `performance.now()` at arrival. */
  startedAt: number;
  /** Set while a route answers. */
  span?: TraceSpan;
}

declare global {
  namespace Express {
    interface Locals {
      context: RequestContext;
    }
  }
}

/** Letters that are safe in logs and headers; anything else gets an id of our own rather than an error. */
const CORRELATION_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** Label of requests that match no route, so that probing for addresses does not grow the metrics. */
export const UNMATCHED = 'unmatched';

export function openContext(request: IncomingMessage): RequestContext {
  const sent = request.headers['x-correlation-id'];
  return {
    correlationId: typeof sent === 'string' && CORRELATION_ID.test(sent) ? sent : randomUUID(),
    route: UNMATCHED,
    startedAt: performance.now(),
  };
}
