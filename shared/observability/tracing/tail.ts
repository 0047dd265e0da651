import { type SpanContext, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { perSecond } from './per-second.ts';

export interface TailLimits {
  /** Traces held at most; what begins beyond is not held. */
  maxTraces: number;
  /** Of those, traces with nothing under way here; beyond, the oldest are forgotten. */
  maxLingering: number;
  /** Traces that may begin to linger a second. What is held for long costs the garbage collector, and under load a second's worth would push out all others. */
  lingeringPerSecond: number;
  /** Spans held at most, of all traces together; about a kilobyte each. */
  maxSpans: number;
  /** Spans held of one trace at most; further ones are forgotten. */
  maxSpansOfTrace: number;
}

const LIMITS: TailLimits = {
  maxTraces: 10_000,
  maxLingering: 4_000,
  lingeringPerSecond: 20,
  maxSpans: 15_000,
  maxSpansOfTrace: 200,
};

const NONE: never[] = [];

interface HeldTrace {
  readonly id: string;
  /** In an array of their number: one that grows has room for sixteen more. */
  spans: readonly ReadableSpan[];
  /** Spans under way in this process. */
  open: number;
  lingers: boolean;
  /** It has a place among those that linger. */
  placed: boolean;
  kept: boolean;
}

/**
 * Decides which spans are exported. Those of the sample (the sampled flag, which the ratio sets by trace id, so that all replicas agree)
 * pass at once. The others are held while something of their trace is under way here: with the first that has failed all of them pass, else
 * they are forgotten. What continues a span of another process that said "sampled" passes as well. Memory has a bound: under pressure
 * spans are forgotten, and of a trace that fails later only the rest is exported.
 */
export class TailProcessor implements SpanProcessor {
  private readonly traces = new Map<string, HeldTrace>();
  /** A ring: a Map that is emptied at one end and filled at the other takes ever longer to find its first entry. */
  private readonly lingering: Array<HeldTrace | undefined> = [];
  private nextPlace = 0;
  private held = 0;
  private readonly limits: TailLimits;
  /** Whether one more trace may linger now; asked once for each. */
  readonly mayLinger: () => boolean;

  constructor(
    private readonly next: SpanProcessor,
    private readonly deps: {
      /** A trace outside the sample has failed here; other processes may hold more of it. */
      onKept(traceId: string): void;
      limits?: Partial<TailLimits>;
    },
  ) {
    this.limits = { ...LIMITS, ...deps.limits };
    this.mayLinger = perSecond(this.limits.lingeringPerSecond);
  }

  get size(): { traces: number; spans: number } {
    return { traces: this.traces.size, spans: this.held };
  }

  onStart(span: ReadableSpan): void {
    const { traceId, traceFlags } = span.spanContext();
    if (isSampled(traceFlags)) return;
    const trace = this.traces.get(traceId) ?? this.begin(traceId);
    if (trace === null) return;
    trace.open += 1;
    const parent = span.parentSpanContext;
    if (parent?.isRemote && isSampled(parent.traceFlags) && !trace.kept) this.keepTrace(trace, false);
  }

  onEnd(span: ReadableSpan): void {
    const { traceId, traceFlags } = span.spanContext();
    if (isSampled(traceFlags)) this.next.onEnd(span);
    else this.end(span, traceId);
  }

  /** The trace is held on when nothing of it is under way any more, if there is room. */
  linger(traceId: string): void {
    const trace = this.traces.get(traceId);
    if (trace !== undefined) trace.lingers = true;
  }

  /** Another process has found that the trace is to be kept. */
  keep(traceId: string): void {
    const trace = this.traces.get(traceId);
    if (trace === undefined || trace.kept) return;
    this.keepTrace(trace, false);
    if (trace.open === 0) this.forget(trace);
  }

  forceFlush(): Promise<void> {
    return this.next.forceFlush();
  }

  shutdown(): Promise<void> {
    this.traces.clear();
    this.lingering.length = 0;
    this.held = 0;
    return this.next.shutdown();
  }

  private end(span: ReadableSpan, traceId: string): void {
    const failed = span.status.code === SpanStatusCode.ERROR;
    const trace = this.traces.get(traceId);
    if (trace === undefined) {
      // Not held: what can still be saved is this span.
      if (failed) this.pass([span], traceId, true);
      return;
    }
    trace.open -= 1;
    if (failed && !trace.kept) this.keepTrace(trace, true);
    if (trace.kept) this.next.onEnd(asSampled(span));
    else this.hold(trace, span);
    if (trace.open > 0) return;
    if (trace.lingers && !trace.kept) this.place(trace);
    else this.forget(trace);
  }

  private begin(id: string): HeldTrace | null {
    if (this.traces.size >= this.limits.maxTraces) return null;
    const trace = { id, spans: NONE, open: 0, lingers: false, placed: false, kept: false };
    this.traces.set(id, trace);
    return trace;
  }

  private hold(trace: HeldTrace, span: ReadableSpan): void {
    if (trace.spans.length >= this.limits.maxSpansOfTrace || this.held >= this.limits.maxSpans) return;
    trace.spans = [...trace.spans, span];
    this.held += 1;
  }

  /** Among those that linger, in the place of the oldest. */
  private place(trace: HeldTrace): void {
    if (trace.placed) return;
    const oldest = this.lingering[this.nextPlace];
    if (oldest !== undefined) {
      oldest.lingers = false;
      if (oldest.open === 0 && this.traces.get(oldest.id) === oldest) this.forget(oldest);
    }
    trace.placed = true;
    this.lingering[this.nextPlace] = trace;
    this.nextPlace = (this.nextPlace + 1) % this.limits.maxLingering;
  }

  private keepTrace(trace: HeldTrace, foundHere: boolean): void {
    trace.kept = true;
    this.held -= trace.spans.length;
    const { spans } = trace;
    trace.spans = NONE;
    this.pass(spans, trace.id, foundHere);
  }

  private pass(spans: readonly ReadableSpan[], traceId: string, foundHere: boolean): void {
    for (const span of spans) this.next.onEnd(asSampled(span));
    if (foundHere) this.deps.onKept(traceId);
  }

  private forget(trace: HeldTrace): void {
    this.held -= trace.spans.length;
    trace.spans = NONE;
    this.traces.delete(trace.id);
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
