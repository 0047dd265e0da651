/**
 * What our code sees of tracing; OpenTelemetry stays behind it. Without an exporter (start-tracing.ts) all of this does nothing.
 *
 * Spans are handed on like any other value. AsyncLocalStorage would do that by itself, but in Node 20 it costs every promise of the process:
 * 4 to 7 % of its processor time, whether a trace is in the sample or not (docs/operations/tracing.md).
 *
 * Two kinds of spans. The bones of a trace (request, run, step, model call, webhook) are always recorded, since only its end shows whether
 * it failed and must be kept. Details (`detail`: statements, scripts) are many and only made where the trace is in the sample anyway.
 */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { readTraceParent, writeTraceParent } from './trace-parent.ts';

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER } as const;

export interface ChildOptions {
  kind?: keyof typeof KINDS;
  attributes?: Attributes;
  /** Whether what `work` rejects with is a failure of the span; default: always. */
  isFailure?(error: unknown): boolean;
}

export interface SpanOptions extends ChildOptions {
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
  set(name: string, value: string | number | boolean | string[]): void;
  /** Marks it as failed, and with that its trace as one to keep. An error comes with its stack, a text without. */
  fail(error: unknown): void;
  /** Does `work` inside a part of this span. */
  child<T>(name: string, options: ChildOptions, work: (span: TraceSpan) => Promise<T>): Promise<T>;
  /** What `work` begins before it waits for anything (a statement, a script, a place in a batch) is a detail of this span. */
  enter<T>(work: () => T): T;
  /** What this process has recorded of the trace waits on: whoever continues it may yet fail, and the trace is then exported whole. */
  linger(): void;
}

export const NO_SPAN: TraceSpan = {
  traceId: null,
  traceParent: null,
  detailed: false,
  set: () => {},
  fail: () => {},
  child: (_name, _options, work) => work(NO_SPAN),
  enter: (work) => work(),
  linger: () => {},
};

/** What the SDK gives; see start-tracing.ts. */
export interface TracingCore {
  tracer: Tracer;
  /** The next span gets this id. */
  presetSpanId(id: string): void;
  linger(traceId: string): void;
}

let core: TracingCore | null = null;

/** null: tracing is off. Answers what was there before. */
export function setTracingCore(given: TracingCore | null): TracingCore | null {
  const before = core;
  core = given;
  return before;
}

/** Does `work` inside a span that continues another process's, or begins a trace. */
export function traced<T>(name: string, options: SpanOptions, work: (span: TraceSpan) => Promise<T>): Promise<T> {
  return core === null ? work(NO_SPAN) : inside(begin(core, name, options), options, work);
}

/** A span that is over already. `failure`: why it is one to keep. */
export function pastSpan(
  name: string,
  options: SpanOptions & { startedAt: number; endedAt: number; failure?: string },
): void {
  if (core === null) return;
  const span = begin(core, name, options);
  if (options.failure !== undefined) span.fail(options.failure);
  span.own.end(Math.max(options.startedAt, options.endedAt));
}

/** Where details belong that are begun now; several after one another share a batch. */
export type TraceScope = readonly Context[];
const NOWHERE: TraceScope = [];
let entered: TraceScope = NOWHERE;

export function currentScope(): TraceScope {
  return entered;
}

/** As `enter`, in the name of all who share the work. */
export function enterScopes<T>(scopes: readonly TraceScope[], work: () => T): T {
  const all = scopes.every((scope) => scope.length === 0) ? NOWHERE : scopes.flat();
  return enterScope(all, work);
}

/** A part of every span that has been entered. */
export function detail<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return entered.length === 0 || core === null
    ? work()
    : recordDetail(core.tracer, entered, { name, attributes }, work);
}

async function recordDetail<T>(
  tracer: Tracer,
  parents: TraceScope,
  { name, attributes }: { name: string; attributes: Attributes },
  work: () => Promise<T>,
): Promise<T> {
  const startTime = Date.now();
  const began = performance.now();
  let failure: { error: unknown } | undefined;
  try {
    return await work();
  } catch (error) {
    failure = { error };
    throw error;
  } finally {
    const endTime = startTime + performance.now() - began;
    for (const parent of parents) {
      const own = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes, startTime }, parent);
      if (failure) failSpan(own, failure.error);
      own.end(endTime);
    }
  }
}

function enterScope<T>(scope: TraceScope, work: () => T): T {
  const before = entered;
  entered = scope;
  try {
    return work();
  } finally {
    entered = before;
  }
}

class RecordedSpan implements TraceSpan {
  private scope: TraceScope | undefined;

  constructor(readonly own: Span) {}

  get traceId(): string {
    return this.own.spanContext().traceId;
  }

  get traceParent(): string {
    const { traceId, spanId } = this.own.spanContext();
    // What has failed is exported, so whoever continues it may know.
    const failed = 'status' in this.own && (this.own.status as SpanStatus).code === SpanStatusCode.ERROR;
    return writeTraceParent({ traceId, spanId, sampled: failed || this.detailed });
  }

  get detailed(): boolean {
    return (this.own.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
  }

  set(name: string, value: string | number | boolean | string[]): void {
    this.own.setAttribute(name, value);
  }

  fail(error: unknown): void {
    failSpan(this.own, error);
  }

  child<T>(name: string, options: ChildOptions, work: (span: TraceSpan) => Promise<T>): Promise<T> {
    if (core === null) return work(NO_SPAN);
    const { kind, attributes = {} } = options;
    const parent = trace.setSpan(ROOT_CONTEXT, this.own);
    const own = core.tracer.startSpan(name, { kind: kindOf(kind), attributes }, parent);
    return inside(new RecordedSpan(own), options, work);
  }

  enter<T>(work: () => T): T {
    this.scope ??= this.detailed ? [trace.setSpan(ROOT_CONTEXT, this.own)] : NOWHERE;
    return enterScope(this.scope, work);
  }

  linger(): void {
    core?.linger(this.traceId);
  }
}

function begin({ tracer, presetSpanId }: TracingCore, name: string, options: SpanOptions): RecordedSpan {
  if (options.spanId !== undefined) presetSpanId(options.spanId);
  const parent = spanContextOf(options.parent);
  const link = spanContextOf(options.link ?? null);
  const own = tracer.startSpan(
    name,
    {
      kind: kindOf(options.kind),
      attributes: options.attributes ?? {},
      links: link === null ? [] : [{ context: link }],
      ...(options.startedAt === undefined ? {} : { startTime: options.startedAt }),
    },
    parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
  );
  return new RecordedSpan(own);
}

async function inside<T>(
  span: RecordedSpan,
  { isFailure }: ChildOptions,
  work: (span: TraceSpan) => Promise<T>,
): Promise<T> {
  try {
    return await work(span);
  } catch (error) {
    if (isFailure?.(error) ?? true) span.fail(error);
    throw error;
  } finally {
    span.own.end();
  }
}

function failSpan(own: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  own.setStatus({ code: SpanStatusCode.ERROR, message });
  if (error instanceof Error) own.recordException(error);
}

function kindOf(kind: keyof typeof KINDS | undefined): SpanKind {
  return kind === undefined ? SpanKind.INTERNAL : KINDS[kind];
}

function spanContextOf(header: string | null) {
  const parent = readTraceParent(header);
  if (parent === null) return null;
  const { traceId, spanId, sampled } = parent;
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}
