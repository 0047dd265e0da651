import type { ServerResponse } from 'node:http';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { API_VERSION } from '../../../shared/protocol/http.ts';
import type { RequestContext } from './request-context.ts';
import { API_POLICY, securityHeaders } from './security-headers.ts';

/** Label values; Node's parser knows thirty more, of which a stranger could make as many series of every route. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** What a handler answers; `body` becomes JSON unless `text` is given (with its `Content-Type` in `headers`). */
export interface Reply {
  status: number;
  body?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

export interface ReplySenderDeps {
  replica: string;
  metrics: Pick<Metrics, 'http'>;
  isLastAnswer?: () => boolean;
}

/**
 * Writes answers with one `writeHead` over a prepared header list and one `end`; helmet runs once at start
 * (docs/decisions/0007-http-hot-path.md).
 */
export class ReplySender {
  private readonly common: readonly string[];
  /** For pages, which bring a policy of their own; two policies would both apply. */
  private readonly commonWithoutPolicy: readonly string[];

  constructor(private readonly deps: ReplySenderDeps) {
    const own = ['X-API-Version', API_VERSION, 'X-Replica', deps.replica, 'X-Correlation-Id'];
    this.common = [...securityHeaders(API_POLICY), ...own];
    this.commonWithoutPolicy = [...securityHeaders({ ...API_POLICY, contentSecurityPolicy: false }), ...own];
  }

  send(response: ServerResponse, context: RequestContext, method: string, reply: Reply): void {
    const text = reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
    const common = reply.headers?.['Content-Security-Policy'] === undefined ? this.common : this.commonWithoutPolicy;
    const headers = [...common, context.correlationId];
    if (reply.headers?.['Content-Type'] === undefined && text !== '')
      headers.push('Content-Type', 'application/json; charset=utf-8');
    if (reply.headers?.['Cache-Control'] === undefined) headers.push('Cache-Control', 'no-store');
    if (reply.headers !== undefined)
      for (const name in reply.headers) headers.push(name, reply.headers[name] as string);
    if (reply.status !== 204) headers.push('Content-Length', String(Buffer.byteLength(text)));
    // A keep-alive connection would tie the client to a replica that is about to go. Not before its door is closed: the client would only
    // come back by a new connection, and the door would close on that.
    if (this.deps.isLastAnswer?.()) headers.push('Connection', 'close');
    response.writeHead(reply.status, headers);
    response.end(text);
    const seconds = (performance.now() - context.startedAt) / 1_000;
    this.deps.metrics.http.seconds.observe(
      { method: METHODS.has(method) ? method : 'other', route: context.route, status: reply.status },
      seconds,
    );
  }
}
