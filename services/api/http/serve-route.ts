import type { Request, RequestHandler } from 'express';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { NO_SPAN, type OpenSpan, openSpan } from '../../../shared/observability/tracing/spans.ts';
import { readTraceParent, writeTraceParent } from '../../../shared/observability/tracing/trace-parent.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Identity } from '../auth/identity.ts';
import { readJsonBody } from './json-body.ts';
import { parseInput } from './parse-input.ts';
import type { ProblemResponder } from './problem-responder.ts';
import type { ReplySender } from './reply.ts';
import type { Route, RouteRequest } from './route.ts';
import type { UserRate } from './user-rate.ts';

export interface DoorDeps {
  authenticator: Pick<Authenticator, 'authenticateHeader'>;
  /** Left out: users are not limited. */
  userRate?: Pick<UserRate, 'admit'>;
  sender: ReplySender;
  problems: ProblemResponder;
}

/**
 * The Express handler of a route: who is it, may they, what do they want, do it, answer. One function instead of a chain
 * of middleware, as each link of a chain costs every request.
 */
export function serveRoute(route: Route, deps: DoorDeps): RequestHandler {
  const headerNames = Object.keys(route.input.headers?.shape ?? {});
  const open = spansOf(route);
  return async (request, response) => {
    const { context } = response.locals;
    context.route = route.path;
    const span = open(request);
    context.span = span;
    try {
      const caller = route.access === 'public' ? undefined : await identify(request, route, deps);
      const given = {
        params: route.input.params && parseInput(route.input.params, request.params),
        query: route.input.query && parseInput(route.input.query, request.query),
        headers: route.input.headers && parseInput(route.input.headers, pick(request, headerNames)),
        body: route.input.body && parseInput(route.input.body, await readJsonBody(request)),
        caller,
        correlationId: context.correlationId,
        span,
      } as RouteRequest<Route['input'], Route['access']>;
      const reply = await span.enter(() => route.handle(given));
      deps.sender.send(response, context, request.method, { ...reply, status: reply.status ?? route.answer.status });
    } catch (error) {
      deps.problems.respond(request, response, error);
    } finally {
      span.set({ 'weir.correlation_id': context.correlationId, 'http.response.status_code': response.statusCode });
      span.end();
    }
  };
}

/**
 * Requests as spans, in the trace of the caller if there is one. Attributes have OpenTelemetry's names. Pages about the service itself are
 * asked for every few seconds, by machines, and have none.
 */
function spansOf({ access, method, path }: Route): (request: Request) => OpenSpan {
  if (access === 'public' || !path.startsWith('/api/')) return () => NO_SPAN;
  const verb = method.toUpperCase();
  const name = `${verb} ${path}`;
  const attributes = { 'http.request.method': verb, 'http.route': path };
  return (request) => openSpan(name, { kind: 'server', parent: callersSpan(request), attributes });
}

async function identify(request: Request, route: Route, { authenticator, userRate }: DoorDeps): Promise<Identity> {
  const identity = await authenticator.authenticateHeader(request.headers.authorization);
  userRate?.admit(identity.userId);
  if (route.access === 'admin' && identity.role !== 'admin') throw new WeirError('forbidden');
  return identity;
}

function pick(request: Request, names: string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    const value = request.headers[name.toLowerCase()];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** Its flag is not believed: what is stored here is not for strangers to decide. */
function callersSpan(request: Request): string | null {
  const parent = readTraceParent(request.headers.traceparent);
  return parent && writeTraceParent({ ...parent, sampled: false });
}
