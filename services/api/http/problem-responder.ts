import type { Request, Response } from 'express';
import { PROBLEM_MEDIA_TYPE, toProblem } from '../../../shared/errors/problem.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { LogFields, Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { readTraceParent } from '../../../shared/observability/tracing/trace-parent.ts';
import { RequestAborted } from './json-body.ts';
import type { ReplySender } from './reply.ts';
import type { RequestContext } from './request-context.ts';

/** A part that is down fails every request in the same way; one line a second of each kind tells as much as a thousand. */
const REPEAT_LOG_MS = 1_000;

/** Turns whatever was thrown into a problem document; the cause goes to the log and nowhere else. */
export class ProblemResponder {
  private readonly lastLogged = new Map<string, { at: number; skipped: number }>();

  constructor(private readonly deps: { sender: ReplySender; metrics: Pick<Metrics, 'http'>; log: Logger }) {}

  respond(request: Request, response: Response, thrown: unknown, headers: Record<string, string> = {}): void {
    const { context } = response.locals;
    if (thrown instanceof RequestAborted) return void response.destroy();
    const error = toWeirError(thrown);
    const traceId = traceIdOf(request, context);
    this.record(error, request, { correlation_id: context.correlationId, trace_id: traceId });
    this.deps.metrics.http.problems.inc({ code: error.code, route: context.route });
    context.span?.set({ 'error.type': error.code });
    if (error.status >= 500) context.span?.fail(error.cause ?? error);
    if (response.headersSent) return void response.destroy();
    this.deps.sender.send(response, context, request.method, {
      status: error.status,
      body: toProblem(error, context.correlationId, pathOf(request), traceId),
      headers: { ...headers, ...problemHeaders(error) },
    });
  }

  private record(error: WeirError, request: Request, ids: LogFields): void {
    const fields = {
      code: error.code,
      method: request.method,
      path: pathOf(request),
      ...ids,
      ...(error.logDetail === undefined ? {} : { reason: error.logDetail }),
      ...(error.cause === undefined ? {} : { error: error.cause }),
    };
    if (error.code === 'internal') this.deps.log.error('request failed', fields);
    else if (error.status >= 500 && error.cause !== undefined) this.recordRepeated(error.code, fields);
    else this.deps.log.debug('request refused', fields);
  }

  private recordRepeated(code: string, fields: Record<string, unknown>): void {
    const now = Date.now();
    const last = this.lastLogged.get(code);
    if (last !== undefined && now - last.at < REPEAT_LOG_MS) {
      last.skipped += 1;
      return;
    }
    this.lastLogged.set(code, { at: now, skipped: 0 });
    this.deps.log.warn('request failed', { ...fields, skipped_since_last: last?.skipped ?? 0 });
  }
}

/** Of our trace, or of the caller's, which the caller can look up even if we record none. */
function traceIdOf(request: Request, { span }: RequestContext): string | undefined {
  return span?.traceId ?? readTraceParent(request.headers.traceparent)?.traceId;
}

function problemHeaders(error: WeirError): Record<string, string> {
  const headers: Record<string, string> = { 'Content-Type': PROBLEM_MEDIA_TYPE };
  if (error.retryAfterSeconds !== undefined)
    headers['Retry-After'] = String(Math.max(1, Math.ceil(error.retryAfterSeconds)));
  // RFC 9110, 11.6.1: a 401 names the scheme.
  if (error.status === 401) headers['WWW-Authenticate'] = 'Bearer realm="weir"';
  return headers;
}

/** Express and its router throw errors with a `status` for addresses they cannot decode; the rest is our fault. */
function toWeirError(thrown: unknown): WeirError {
  if (thrown instanceof WeirError) return thrown;
  const status = thrown instanceof Error && 'status' in thrown ? thrown.status : undefined;
  return status === 400
    ? new WeirError('bad_request', { cause: thrown })
    : new WeirError('internal', { cause: thrown });
}

/** Without the query, which may hold what nobody wants to see again. */
function pathOf(request: Request): string {
  return request.originalUrl.split('?', 1)[0] ?? '/';
}
