import { emptyResource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { setTracingCore } from '../../../shared/observability/tracing/spans.ts';

/** Switches tracing on in this process, with nothing in the sample. Answers the spans, in the order of their ends; `setTracingCore(null)` switches it off. */
export function recordSpans(): readonly ReadableSpan[] {
  const ended: ReadableSpan[] = [];
  let ids = 0;
  const newId = (digits: number) => (++ids).toString(16).padStart(digits, '0');
  setTracingCore({
    resource: emptyResource(),
    instrumentationScope: { name: 'test' },
    processor: { onStart: () => {}, onEnd: (span) => void ended.push(span) },
    newTraceId: () => newId(32),
    newSpanId: () => newId(16),
    isInSample: () => false,
    mayLinger: () => false,
    linger: () => {},
  });
  return ended;
}
