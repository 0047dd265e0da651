import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { prepareProblems } from './problem-count.ts';
import { ProblemResponder } from './problem-responder.ts';
import { ReplySender } from './reply.ts';
import { openContext } from './request-context.ts';
import type { Route } from './route.ts';
import { type DoorDeps, serveRoute } from './serve-route.ts';
import type { UserRate } from './user-rate.ts';

export interface AppDeps {
  replica: string;
  log: Logger;
  metrics: Pick<Metrics, 'http'>;
  /** Asked for each answer: whether its connection is to end with it. Left out: never. */
  isLastAnswer?: () => boolean;
  authenticator: Pick<Authenticator, 'authenticateHeader'>;
  /** Left out: users are not limited. */
  userRate?: Pick<UserRate, 'admit'>;
  /** In the order in which Express tries them: the hottest first. */
  routes: readonly Route[];
  /** Files below /console. Left out: none. */
  console?: RequestHandler;
}

/** The Express application of a table of routes; everything it answers that is not a route's answer is a problem document. */
export function createApp(deps: AppDeps): Express {
  prepareProblems(deps.metrics.http, deps.routes);
  const sender = new ReplySender(deps);
  const problems = new ProblemResponder({ sender, metrics: deps.metrics, log: deps.log });
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  app.use(((request, response, next) => {
    response.locals.context = openContext(request);
    if (request.headers.host === undefined && request.httpVersion === '1.1') throw new WeirError('bad_request');
    next();
  }) satisfies RequestHandler);
  for (const [path, routes] of byPath(deps.routes)) mount(app, path, routes, { ...deps, sender, problems });
  if (deps.console !== undefined) app.use('/console', deps.console);
  app.use(((request, response) =>
    problems.respond(request, response, new WeirError('not_found'))) satisfies RequestHandler);
  // Express knows an error handler by its four parameters.
  app.use(((error: unknown, request, response, _next) =>
    problems.respond(request, response, error)) satisfies ErrorRequestHandler);
  return app;
}

function byPath(routes: readonly Route[]): Map<string, Route[]> {
  const paths = new Map<string, Route[]>();
  for (const route of routes) paths.set(route.path, [...(paths.get(route.path) ?? []), route]);
  return paths;
}

function mount(app: Express, path: string, routes: Route[], deps: DoorDeps): void {
  const allow = [...routes.map((route) => route.method.toUpperCase()), 'OPTIONS'];
  if (allow.includes('GET')) allow.splice(1, 0, 'HEAD');
  const mounted = app.route(path);
  for (const route of routes) mounted[route.method](serveRoute(route, deps));
  mounted.all((request, response) => {
    const { context } = response.locals;
    context.route = path;
    const headers = { Allow: allow.join(', ') };
    if (request.method === 'OPTIONS') return deps.sender.send(response, context, 'OPTIONS', { status: 204, headers });
    deps.problems.respond(request, response, new WeirError('method_not_allowed'), headers);
  });
}
