import { type Context, context, ROOT_CONTEXT, TraceFlags, type TracerProvider, trace } from '@opentelemetry/api';
import { UndiciInstrumentation, type UndiciRequest } from '@opentelemetry/instrumentation-undici';
import { StackContextManager } from '@opentelemetry/sdk-trace';
import { readSampledParent } from './trace-parent.ts';

const TRACE_PARENT = 'traceparent';

/**
 * Spans of all fetches that take a `traceparent` along which is in the sample, made by OpenTelemetry's instrumentation. It listens to Node's
 * own channel of fetch and patches nothing. Which span a fetch belongs to is read from that header. The answer ends it.
 */
export function traceFetches(provider: TracerProvider): () => void {
  const scope = new FetchScope();
  context.setGlobalContextManager(scope.enable());
  const fetches = new UndiciInstrumentation({
    // Asked before the span is made, in the same turn; the other one is told after.
    ignoreRequestHook: (request) => {
      scope.fetching = spanOf(request);
      return scope.fetching === null;
    },
    requestHook: () => {
      scope.fetching = null;
    },
  });
  fetches.setTracerProvider(provider);
  return () => fetches.disable();
}

/** The instrumentation looks for the span under way here. */
class FetchScope extends StackContextManager {
  fetching: Context | null = null;

  override active(): Context {
    return this.fetching ?? super.active();
  }
}

/** null: none that is to have details. */
function spanOf({ headers }: UndiciRequest): Context | null {
  const parent = readSampledParent(typeof headers === 'string' ? undefined : traceParentIn(headers));
  if (parent === null) return null;
  const { traceId, spanId } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
}

/** Of a list of names and values. */
function traceParentIn(headers: UndiciRequest['headers'] & object): unknown {
  const at = headers.findIndex((name, index) => index % 2 === 0 && isTraceParent(name));
  return at === -1 ? undefined : String(headers[at + 1]);
}

/** Its length alone excludes nearly all others. */
function isTraceParent(name: Buffer | string | string[]): boolean {
  return name.length === TRACE_PARENT.length && String(name).toLowerCase() === TRACE_PARENT;
}
