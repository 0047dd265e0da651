/**
 * What our code sees of tracing; OpenTelemetry stays behind it. Without an exporter (start-tracing.ts) all of this does nothing.
 *
 * Spans are handed on like any other value. AsyncLocalStorage would do that by itself, but in Node 20 it costs every promise of the process, whether
 * a trace is in the sample or not (docs/operations/tracing.md).
 *
 * Two kinds of spans. The bones of a trace (request, run, step, model call, webhook) are always recorded, since only its end shows whether
 * it failed and must be kept. Details (`detail`: statements, scripts) are many and only made where the trace is in the sample anyway.
 */
import { type Attributes, SpanKind } from '@opentelemetry/api';
import { endRecord, failRecord, type SpanContextCore, SpanRecord } from './span-record.ts';
import { readSampledParent, readTraceParent, writeTraceParent } from './trace-parent.ts';

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
  /** What this process has recorded of the trace waits on, within bounds: whoever continues it may yet fail, and the trace is then exported whole. */
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

export interface OpenSpan extends TraceSpan {
  end(): void;
}

export const NO_OPEN_SPAN: OpenSpan = { ...NO_SPAN, end: () => {} };

/** What the SDK gives; see start-tracing.ts. */
export interface TracingCore extends SpanContextCore {
  newTraceId(): string;
  newSpanId(): string;
  isInSample(traceId: string): boolean;
  /** Whether one more trace may linger now; asked once for each. */
  mayLinger(): boolean;
  linger(traceId: string): void;
}

let core: TracingCore | null = null;

/** null: tracing is off. Answers what was there before. */
export function setTracingCore(given: TracingCore | null): TracingCore | null {
  const before = core;
  core = given;
  return before;
}

/**
 * For the hottest path, which can do without the two promises of {@link traced}. The caller ends it. Outside the sample nothing is held for one
 * that ends well, has no parts and does not linger.
 */
export function openSpan(name: string, options: SpanOptions): OpenSpan {
  if (core === null) return NO_OPEN_SPAN;
  const span = recorded(core, name, options);
  if (readSampledParent(options.parent) !== null) span.register();
  return span;
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
  if (options.failure !== undefined) failRecord(span.record, options.failure);
  endRecord(core, span.record, Math.max(options.startedAt, options.endedAt));
}

/** Where details belong that are begun now; several after one another share a batch. */
export type TraceScope = readonly SpanRecord[];
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
  return entered.length === 0 || core === null ? work() : recordDetail(core, entered, { name, attributes }, work);
}

async function recordDetail<T>(
  within: TracingCore,
  parents: TraceScope,
  { name, attributes }: { name: string; attributes: Attributes },
  work: () => Promise<T>,
): Promise<T> {
  const records = parents.map((parent) => part(within, parent, name, { kind: 'client', attributes }));
  try {
    return await work();
  } catch (error) {
    for (const record of records) failRecord(record, error);
    throw error;
  } finally {
    for (const record of records) endRecord(within, record);
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

class RecordedSpan implements OpenSpan {
  private scope: TraceScope | undefined;
  /** The processor knows of it. */
  private registered = false;

  constructor(
    private readonly within: TracingCore,
    readonly record: SpanRecord,
  ) {}

  get traceId(): string {
    return this.record.ids.traceId;
  }

  get traceParent(): string {
    const { ids, failed, sampled } = this.record;
    // What has failed is exported, so whoever continues it may know.
    return writeTraceParent({ traceId: ids.traceId, spanId: ids.spanId, sampled: failed || sampled });
  }

  get detailed(): boolean {
    return this.record.sampled;
  }

  set(name: string, value: string | number | boolean | string[]): void {
    this.record.attributes[name] = value;
  }

  fail(error: unknown): void {
    failRecord(this.record, error);
  }

  child<T>(name: string, options: ChildOptions, work: (span: TraceSpan) => Promise<T>): Promise<T> {
    this.register();
    const span = new RecordedSpan(this.within, part(this.within, this.record, name, options));
    return inside(span.register(), options, work);
  }

  enter<T>(work: () => T): T {
    this.scope ??= this.detailed ? [this.record] : NOWHERE;
    return enterScope(this.scope, work);
  }

  linger(): void {
    if (!this.within.mayLinger()) return;
    this.register();
    this.within.linger(this.traceId);
  }

  end(): void {
    if (this.record.failed || this.record.sampled) this.register();
    if (this.registered) endRecord(this.within, this.record);
  }

  register(): this {
    if (!this.registered) this.within.processor.onStart(this.record);
    this.registered = true;
    return this;
  }
}

function begin(within: TracingCore, name: string, options: SpanOptions): RecordedSpan {
  return recorded(within, name, options).register();
}

function recorded(within: TracingCore, name: string, options: SpanOptions): RecordedSpan {
  const parent = readTraceParent(options.parent);
  const link = readTraceParent(options.link);
  const traceId = parent?.traceId ?? within.newTraceId();
  const record = new SpanRecord(within, {
    name,
    kind: kindOf(options.kind),
    ids: { traceId, spanId: options.spanId ?? within.newSpanId() },
    sampled: within.isInSample(traceId),
    parent: parent && { ...parent, isRemote: true },
    link,
    attributes: options.attributes,
    startedAt: options.startedAt,
  });
  return new RecordedSpan(within, record);
}

/** A part of a span of this process. */
function part(within: TracingCore, parent: SpanRecord, name: string, { kind, attributes }: ChildOptions): SpanRecord {
  return new SpanRecord(within, {
    name,
    kind: kindOf(kind),
    ids: { traceId: parent.ids.traceId, spanId: within.newSpanId() },
    sampled: parent.sampled,
    parent: { spanId: parent.ids.spanId, sampled: parent.sampled, isRemote: false },
    link: null,
    attributes,
    startedAt: undefined,
  });
}

/** Without `await`: what an async function keeps while it waits is a quarter of all that a span keeps. */
function inside<T>(span: RecordedSpan, { isFailure }: ChildOptions, work: (span: TraceSpan) => Promise<T>): Promise<T> {
  return work(span).then(
    (result) => {
      span.end();
      return result;
    },
    (error: unknown) => {
      if (isFailure?.(error) ?? true) span.fail(error);
      span.end();
      throw error;
    },
  );
}

function kindOf(kind: keyof typeof KINDS | undefined): SpanKind {
  return kind === undefined ? SpanKind.INTERNAL : KINDS[kind];
}
