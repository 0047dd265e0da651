import { type Context, context, ROOT_CONTEXT, TraceFlags, type TracerProvider, trace } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { StackContextManager } from '@opentelemetry/sdk-trace';
import { fetchingFor } from './fetch-in-trace.ts';
import { readSampledParent } from './trace-parent.ts';

/**
 * Gives the fetches of a trace (fetch-in-trace.ts) their `traceparent`, and those in the sample a span, made by OpenTelemetry's instrumentation. It
 * listens to Node's own channel of fetch and patches nothing. The answer ends the span.
 */
export function traceFetches(provider: TracerProvider): () => void {
  const scope = new FetchScope();
  context.setGlobalContextManager(scope.enable());
  const fetches = new UndiciInstrumentation({
    // Asked before the span is made, in the same turn; the other one is told after.
    ignoreRequestHook: (request) => {
      const parent = fetchingFor();
      if (parent === null) return true;
      request.addHeader('traceparent', parent);
      scope.fetching = spanOf(parent);
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
function spanOf(traceParent: string): Context | null {
  const parent = readSampledParent(traceParent);
  if (parent === null) return null;
  const { traceId, spanId } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
}
