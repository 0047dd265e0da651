import type { TraceSpan } from '../../../shared/observability/tracing/spans.ts';
import { type PinnedRequest, sendPinned, type WebhookAnswer } from './pinned-request.ts';

/**
 * One exchange as a span, whose context the host gets as `traceparent` (unless the step sets one). The query of the address may hold secrets
 * and stays out.
 */
export async function sendTraced(step: TraceSpan, request: PinnedRequest, signal: AbortSignal): Promise<WebhookAnswer> {
  const { url, method, headers } = request;
  const attributes = {
    'http.request.method': method,
    'server.address': url.hostname,
    'url.scheme': url.protocol.slice(0, -1),
    'url.path': url.pathname,
  };
  const span = step.begin(`webhook ${method}`, { kind: 'client', attributes });
  try {
    const { traceParent } = span;
    const sent = traceParent === null ? headers : { traceparent: traceParent, ...headers };
    const answer = await sendPinned({ ...request, headers: sent }, signal);
    span.set({ 'http.response.status_code': answer.status });
    if (answer.status >= 500) span.fail(`HTTP ${answer.status}`);
    return answer;
  } catch (error) {
    if (!signal.aborted) span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}
