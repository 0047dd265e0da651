import { emptyResource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { TracingCore } from '../../../shared/observability/tracing/span-record.ts';
import { setTracingCore } from '../../../shared/observability/tracing/spans.ts';

export interface Recorded {
  /** In the order in which the processor heard of them. */
  begun: ReadableSpan[];
  ended: ReadableSpan[];
  /** Ids of the traces that were to wait on. */
  lingering: string[];
}

/** The trace of a span without a parent; it alone is in the sample. */
export const IN_SAMPLE = `${'0'.repeat(31)}1`;
export const OUTSIDE = `${'0'.repeat(31)}2`;

/** Switches tracing on in this process; ids of spans count from 1. `setTracingCore(null)` switches it off. */
export function recordSpans(mayLinger: TracingCore['mayLinger'] = () => true): Recorded {
  const recorded: Recorded = { begun: [], ended: [], lingering: [] };
  let ids = 0;
  setTracingCore({
    resource: emptyResource(),
    instrumentationScope: { name: 'test' },
    processor: {
      onStart: (span) => void recorded.begun.push(span),
      onEnd: (span) => void recorded.ended.push(span),
    },
    newTraceId: () => IN_SAMPLE,
    newSpanId: () => String(++ids).padStart(16, '0'),
    isInSample: (traceId) => traceId === IN_SAMPLE,
    mayLinger,
    linger: (traceId) => void recorded.lingering.push(traceId),
  });
  return recorded;
}
