/**
 * What our code sees of tracing; OpenTelemetry stays behind it. Without an exporter (start-tracing.ts) all of this does nothing.
 *
 * Spans are handed on like any other value, and ended by who began them. AsyncLocalStorage would hand them on by itself, but in Node 20 it costs
 * every promise of the process, whether a trace is in the sample or not (docs/operations/tracing.md).
 *
 * The bones of a trace (request, run, step, model call, webhook) are always recorded, since only its end shows whether it failed and must be
 * kept. Details (details.ts) are many and only made where the trace is in the sample anyway.
 */
import { type Attributes, type SpanContext, TraceFlags } from '@opentelemetry/api';
import { RecordedSpan } from './recorded-span.ts';
import type { KindName, TracingCore } from './span-record.ts';
import { readTraceParent } from './trace-parent.ts';

export interface PartOptions {
  kind?: KindName;
  /** Never changed, so that many spans may share them. */
  attributes?: Attributes;
}

export interface SpanOptions extends PartOptions {
  /** What it continues (`traceparent`); null: it begins a trace. */
  parent: string | null;
  /** Unix ms; default now. */
  startedAt?: number;
  /** 16 hexadecimal digits, for a span that others must be able to name beforehand. */
  spanId?: string;
  /** A span it has to do with that is not its parent (`traceparent`). */
  link?: string | null;
}

/** A span under way. */
export interface TraceSpan {
  /** null: nothing is recorded. */
  readonly traceId: string | null;
  /** For whom comes after; null: nothing is recorded. */
  readonly traceParent: string | null;
  /** Its trace is in the sample. */
  readonly detailed: boolean;
  /** What is known only now. */
  set(attributes: Attributes): void;
  /** Marks it as failed, and with that its trace as one to keep. An error comes with its stack, a text without. */
  fail(error: unknown): void;
  /** A part of this span; whoever begins it ends it. */
  begin(name: string, options: PartOptions): OpenSpan;
  /** What `work` begins before it waits for anything (a statement, a script, a place in a batch) is a detail of this span. */
  enter<T>(work: () => T): T;
  /** What this process has recorded of the trace waits on, within bounds: whoever continues it may yet fail, and the trace is then exported whole. */
  linger(): void;
}

export interface OpenSpan extends TraceSpan {
  end(): void;
}

export const NO_SPAN: OpenSpan = {
  traceId: null,
  traceParent: null,
  detailed: false,
  set: () => {},
  fail: () => {},
  begin: () => NO_SPAN,
  enter: (work) => work(),
  linger: () => {},
  end: () => {},
};

let core: TracingCore | null = null;

/** null: tracing is off. Answers what was there before. */
export function setTracingCore(given: TracingCore | null): TracingCore | null {
  const before = core;
  core = given;
  return before;
}

/** A span that continues another process's, or begins a trace. Outside the sample it is held for nothing if it ends well, has no parts and does not linger. */
export function openSpan(name: string, options: SpanOptions): OpenSpan {
  return core === null ? NO_SPAN : recorded(core, name, options);
}

/** A span that is over already. `failure`: why it is one to keep. */
export function pastSpan(
  name: string,
  options: SpanOptions & { startedAt: number; endedAt: number; failure?: string },
): void {
  if (core === null) return;
  const span = recorded(core, name, options);
  if (options.failure !== undefined) span.fail(options.failure);
  span.register();
  span.end(Math.max(options.startedAt, options.endedAt));
}

function recorded(within: TracingCore, name: string, options: SpanOptions): RecordedSpan {
  const parent = remote(options.parent);
  const traceId = parent?.traceId ?? within.newTraceId();
  const ids = {
    traceId,
    spanId: options.spanId ?? within.newSpanId(),
    traceFlags: within.isInSample(traceId) ? TraceFlags.SAMPLED : TraceFlags.NONE,
  };
  const { kind = 'internal', attributes, startedAt } = options;
  const span = new RecordedSpan(within, name, kind, ids, parent, attributes, startedAt, remote(options.link));
  // What another process has exported goes on.
  if (parent?.traceFlags === TraceFlags.SAMPLED) span.register();
  return span;
}

/** A span of another process, by its `traceparent`. */
function remote(traceParent: string | null | undefined): SpanContext | null {
  const parent = readTraceParent(traceParent);
  if (parent === null) return null;
  const { traceId, spanId, sampled } = parent;
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}
