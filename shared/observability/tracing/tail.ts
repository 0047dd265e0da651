import { type SpanContext, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

export interface TailLimits {
  /** Traces held at most; beyond, the oldest are forgotten. */
  maxTraces: number;
  /** Spans held at most, of all traces together; about a kilobyte and a half each. */
  maxSpans: number;
  /** Spans held of one trace at most; further ones are forgotten. */
  maxSpansOfTrace: number;
  /** How long a trace with nothing under way is held (ms). */
  maxAgeMs: number;
}

const LIMITS: TailLimits = { maxTraces: 5_000, maxSpans: 10_000, maxSpansOfTrace: 200, maxAgeMs: 900_000 };

interface HeldTrace {
  spans: ReadableSpan[];
  /** Spans under way in this process. */
  open: number;
  lingers: boolean;
  kept: boolean;
  since: number;
}

/**
 * Decides which spans are exported. Those of the sample (the sampled flag, which the ratio sets by trace id, so that all replicas agree)
 * pass at once. The others are held while something of their trace is under way here: with the first that has failed all of them pass, else
 * they are forgotten. What continues a span of another process that said "sampled" passes as well. Memory has a bound: under pressure the oldest are forgotten, and of a trace that fails later only the rest is exported.
 */
export class TailProcessor implements SpanProcessor {
  /** In the order in which they began. */
  private readonly traces = new Map<string, HeldTrace>();
  private held = 0;
  private readonly limits: TailLimits;

  constructor(
    private readonly next: SpanProcessor,
    private readonly deps: {
      /** A trace outside the sample has failed here; other processes may hold more of it. */
      onKept(traceId: string): void;
      now?: () => number;
      limits?: Partial<TailLimits>;
    },
  ) {
    this.limits = { ...LIMITS, ...deps.limits };
  }

  get size(): { traces: number; spans: number } {
    return { traces: this.traces.size, spans: this.held };
  }

  onStart(span: Span): void {
    const { traceId, traceFlags } = span.spanContext();
    if (isSampled(traceFlags)) return;
    const trace = this.traces.get(traceId) ?? this.begin(traceId);
    trace.open += 1;
    const parent = span.parentSpanContext;
    if (parent?.isRemote && isSampled(parent.traceFlags) && !trace.kept) this.keepTrace(trace, traceId, false);
  }

  onEnd(span: ReadableSpan): void {
    const { traceId, traceFlags } = span.spanContext();
    if (isSampled(traceFlags)) this.next.onEnd(span);
    else this.end(span, traceId);
  }

  /** The trace is held on when nothing of it is under way any more. */
  linger(traceId: string): void {
    const trace = this.traces.get(traceId);
    if (trace !== undefined) trace.lingers = true;
  }

  /** Another process has found that the trace is to be kept. */
  keep(traceId: string): void {
    const trace = this.traces.get(traceId);
    if (trace === undefined || trace.kept) return;
    this.keepTrace(trace, traceId, false);
    if (trace.open === 0) this.forget(traceId, trace);
  }

  forceFlush(): Promise<void> {
    return this.next.forceFlush();
  }

  shutdown(): Promise<void> {
    this.traces.clear();
    this.held = 0;
    return this.next.shutdown();
  }

  private end(span: ReadableSpan, traceId: string): void {
    const failed = span.status.code === SpanStatusCode.ERROR;
    const trace = this.traces.get(traceId);
    if (trace === undefined) {
      // Forgotten under pressure: what can still be saved is this span.
      if (failed) this.pass([span], traceId, true);
      return;
    }
    trace.open -= 1;
    if (trace.kept) this.next.onEnd(asSampled(span));
    else this.hold(trace, span);
    if (failed && !trace.kept) this.keepTrace(trace, traceId, true);
    if (trace.open === 0 && (trace.kept || !trace.lingers)) this.forget(traceId, trace);
  }

  private begin(traceId: string): HeldTrace {
    const now = this.deps.now?.() ?? performance.now();
    for (const [id, trace] of this.traces) {
      const old = trace.open === 0 && now - trace.since > this.limits.maxAgeMs;
      if (!old && this.traces.size < this.limits.maxTraces && this.held < this.limits.maxSpans) break;
      this.forget(id, trace);
    }
    const trace = { spans: [], open: 0, lingers: false, kept: false, since: now };
    this.traces.set(traceId, trace);
    return trace;
  }

  private hold(trace: HeldTrace, span: ReadableSpan): void {
    if (trace.spans.length >= this.limits.maxSpansOfTrace) return;
    trace.spans.push(span);
    this.held += 1;
  }

  private keepTrace(trace: HeldTrace, traceId: string, foundHere: boolean): void {
    trace.kept = true;
    this.held -= trace.spans.length;
    this.pass(trace.spans.splice(0), traceId, foundHere);
  }

  private pass(spans: readonly ReadableSpan[], traceId: string, foundHere: boolean): void {
    for (const span of spans) this.next.onEnd(asSampled(span));
    if (foundHere) this.deps.onKept(traceId);
  }

  private forget(traceId: string, trace: HeldTrace): void {
    this.held -= trace.spans.length;
    this.traces.delete(traceId);
  }
}

function isSampled(flags: number): boolean {
  return (flags & TraceFlags.SAMPLED) !== 0;
}

/** The same span, with the flag that says what is now true of it; without, the batch before the exporter drops it. */
function asSampled(span: ReadableSpan): ReadableSpan {
  const own: SpanContext = { ...span.spanContext(), traceFlags: TraceFlags.SAMPLED };
  return Object.create(span, { spanContext: { value: () => own } }) as ReadableSpan;
}
