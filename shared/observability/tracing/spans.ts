/**
 * What our code sees of tracing; OpenTelemetry stays behind it. Without an exporter (start-tracing.ts) all of this does nothing and costs a
 * comparison.
 *
 * Two kinds of spans. The bones of a trace (`traced`: request, run, step, model call, webhook) are always recorded, since only its end shows
 * whether it failed and must be kept. Details (`detail`: statements, scripts) are many and only made where the trace is in the sample anyway.
 */
import {
  type Attributes,
  type Context,
  type ContextManager,
  createContextKey,
  type SpanOptions as GivenOptions,
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

/** A span under way. */
export interface TraceSpan {
  /** null: nothing is recorded. */
  readonly traceId: string | null;
  /** For whom comes after; null: nothing is recorded. */
  readonly traceParent: string | null;
  set(name: string, value: string | number | boolean | string[]): void;
  /** Marks it as failed, and with that its trace as one to keep. An error comes with its stack, a text without. */
  fail(error: unknown): void;
}

export interface SpanOptions {
  kind?: keyof typeof KINDS;
  attributes?: Attributes;
  /** What it continues (`traceparent`); null: it begins a trace. Left out: the span under way, and without one nothing is recorded. */
  parent?: string | null;
  /** Unix ms; default now. */
  startedAt?: number;
  /** 16 hexadecimal digits, for a span that others must be able to name beforehand. */
  spanId?: string;
  /** A span it has to do with that is not its parent (`traceparent`). */
  link?: string | null;
  /** Whether what `work` rejects with is a failure of the span; default: always. */
  isFailure?(error: unknown): boolean;
}

/** What the SDK gives; see start-tracing.ts. */
export interface TracingCore {
  tracer: Tracer;
  /** Knows which span is under way. Asked directly: the way through the global of the API costs every question. */
  scopes: ContextManager;
  /** The next span gets this id. */
  presetSpanId(id: string): void;
  linger(traceId: string): void;
}

/** Of how many callers a batch is part: see {@link shareScopes}. */
const SCOPES = createContextKey('weir scopes');

let core: TracingCore | null = null;

/** null: tracing is off. */
export function setTracingCore(given: TracingCore | null): void {
  core = given;
}

const NO_SPAN: TraceSpan = { traceId: null, traceParent: null, set: () => {}, fail: () => {} };

/** Does `work` inside a span. What it does there, also later and elsewhere in this process, finds the span as the one under way. */
export function traced<T>(name: string, options: SpanOptions, work: (span: TraceSpan) => Promise<T>): Promise<T> {
  const parent = core === null ? null : parentOf(core, options.parent);
  if (core === null || parent === null) return work(NO_SPAN);
  const own = begin(core, name, options, parent);
  return core.scopes.with(trace.setSpan(parent, own), () => finish(own, options, work));
}

function begin({ tracer, presetSpanId }: TracingCore, name: string, options: SpanOptions, parent: Context): Span {
  if (options.spanId !== undefined) presetSpanId(options.spanId);
  const given: GivenOptions = { kind: options.kind === undefined ? SpanKind.INTERNAL : KINDS[options.kind] };
  if (options.attributes !== undefined) given.attributes = options.attributes;
  if (options.startedAt !== undefined) given.startTime = options.startedAt;
  const link = spanContextOf(options.link ?? null);
  if (link !== null) given.links = [{ context: link }];
  return tracer.startSpan(name, given, parent);
}

async function finish<T>(own: Span, options: SpanOptions, work: (span: TraceSpan) => Promise<T>): Promise<T> {
  const span = new RecordedSpan(own);
  try {
    return await work(span);
  } catch (error) {
    if (options.isFailure?.(error) ?? true) span.fail(error);
    throw error;
  } finally {
    own.end();
  }
}

/** A part of a span under way that is recorded when its trace is in the sample. In a batch: a part of each such caller's. */
export function detail<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  const parents = sampledScopes();
  return parents.length === 0 ? work() : recordDetail(parents, { name, attributes }, work);
}

async function recordDetail<T>(
  parents: readonly Context[],
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
      const own = core?.tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes, startTime }, parent);
      if (own && failure) new RecordedSpan(own).fail(failure.error);
      own?.end(endTime);
    }
  }
}

/** A span that is over already. `failure`: why it is one to keep. */
export function pastSpan(
  name: string,
  options: Pick<SpanOptions, 'kind' | 'attributes' | 'parent'> & {
    startedAt: number;
    endedAt: number;
    failure?: string;
  },
): void {
  const { startedAt, endedAt, failure } = options;
  const parent = core === null ? null : parentOf(core, options.parent);
  if (core === null || parent === null) return;
  const own = begin(core, name, options, parent);
  if (failure !== undefined) new RecordedSpan(own).fail(failure);
  own.end(Math.max(startedAt, endedAt));
}

/**
 * What this process has recorded of the trace under way waits on when its last span here has ended: whoever continues it may yet fail, and
 * the trace is then exported whole.
 */
export function lingerTrace(): void {
  const traceId = activeTraceId();
  if (traceId !== null) core?.linger(traceId);
}

/** What a caller hands to a batch: where its details belong. undefined: nowhere. */
export type TraceScope = Context | undefined;

export function currentScope(): TraceScope {
  if (core === null) return undefined;
  const active = core.scopes.active();
  return isSampled(active) || active.getValue(SCOPES) !== undefined ? active : undefined;
}

/** Does the work that several callers share in the name of them all, instead of in that of whoever happened to begin it. */
export function shareScopes<T>(scopes: readonly TraceScope[], work: () => T): T {
  if (core === null) return work();
  const flat = scopes.flatMap((scope) => (scope?.getValue(SCOPES) as Context[] | undefined) ?? scope ?? []);
  return core.scopes.with(flat.length === 0 ? ROOT_CONTEXT : ROOT_CONTEXT.setValue(SCOPES, flat), work);
}

/** Whether details of the span under way are recorded. */
export function isDetailed(): boolean {
  return core !== null && isSampled(core.scopes.active());
}

/** Of the span under way, for logs; null: there is none. */
export function activeTraceId(): string | null {
  return core === null ? null : (trace.getSpanContext(core.scopes.active())?.traceId ?? null);
}

/** The span under way, for whoever continues it elsewhere; null: there is none. */
export function activeTraceParent(): string | null {
  const active = core === null ? undefined : trace.getSpan(core.scopes.active());
  return active === undefined ? null : traceParentOf(active);
}

class RecordedSpan implements TraceSpan {
  constructor(private readonly own: Span) {}

  get traceId(): string {
    return this.own.spanContext().traceId;
  }

  get traceParent(): string {
    return traceParentOf(this.own);
  }

  set(name: string, value: string | number | boolean | string[]): void {
    this.own.setAttribute(name, value);
  }

  fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.own.setStatus({ code: SpanStatusCode.ERROR, message });
    if (error instanceof Error) this.own.recordException(error);
  }
}

function sampledScopes(): readonly Context[] {
  if (core === null) return [];
  const active = core.scopes.active();
  return isSampled(active) ? [active] : ((active.getValue(SCOPES) as Context[] | undefined) ?? []);
}

function isSampled(scope: Context): boolean {
  const flags = trace.getSpanContext(scope)?.traceFlags ?? TraceFlags.NONE;
  return (flags & TraceFlags.SAMPLED) !== 0;
}

/** null: nothing is to be recorded. */
function parentOf({ scopes }: TracingCore, given: string | null | undefined): Context | null {
  if (given === undefined) {
    const active = scopes.active();
    return trace.getSpan(active) === undefined ? null : active;
  }
  const remote = spanContextOf(given);
  return remote === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote);
}

function spanContextOf(header: string | null) {
  const parent = readTraceParent(header);
  if (parent === null) return null;
  const { traceId, spanId, sampled } = parent;
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

function traceParentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  // What has failed is exported, so whoever continues it may know.
  const failed = 'status' in span && (span.status as SpanStatus).code === SpanStatusCode.ERROR;
  return writeTraceParent({ traceId, spanId, sampled: failed || (traceFlags & TraceFlags.SAMPLED) !== 0 });
}
