import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { hrTime, now } from './span-clock.ts';

/** What the SDK gives, the same for all spans of a process; see start-tracing.ts. */
export interface TracingCore {
  resource: Resource;
  instrumentationScope: InstrumentationScope;
  processor: { onStart(span: ReadableSpan): void; onEnd(span: ReadableSpan): void };
  newTraceId(): string;
  newSpanId(): string;
  isInSample(traceId: string): boolean;
  /** Whether one more trace may linger now; asked once for each. */
  mayLinger(): boolean;
  linger(traceId: string): void;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};
export type KindName = keyof typeof KINDS;

interface Failure {
  message: string;
  /** When (Unix ms), for one that has a stack. */
  thrown: { error: Error; at: number } | null;
}

const NOT_FAILED = { code: SpanStatusCode.UNSET };
const NO_PARENT: SpanContext = { traceId: '', spanId: '', traceFlags: TraceFlags.NONE };
const NONE: never[] = [];

/**
 * A span as the exporter reads it, made for the nine of ten that nobody ever reads: it keeps what it is given, and what OpenTelemetry wants of
 * it is worked out when it is asked for. The SDK's own span costs three times as much, more than a start can spare.
 */
export class SpanRecord implements ReadableSpan {
  /** Unix ms; 0: it goes on. */
  private endedAt = 0;
  private failure: Failure | null = null;
  private late: Attributes | null = null;

  constructor(
    protected readonly core: TracingCore,
    readonly name: string,
    private readonly kindName: KindName,
    readonly ids: SpanContext,
    /** Without one, it begins a trace. */
    private readonly parent: SpanContext | null,
    /** May be shared by many. */
    private readonly given: Attributes | undefined,
    /** Unix ms. */
    private readonly startedAt: number = now(),
    private readonly link: SpanContext | null = null,
  ) {}

  /** What is known only later; a span outside the sample is given an object, not copied into one. */
  set(attributes: Attributes): void {
    this.late = this.late === null ? attributes : { ...this.late, ...attributes };
  }

  /** Marks it as failed. An error comes with its stack, a text without. */
  fail(error: unknown): void {
    if (this.ended) return;
    this.failure =
      error instanceof Error
        ? { message: error.message, thrown: { error, at: now() } }
        : { message: String(error), thrown: null };
  }

  /** Once. `at`: Unix ms; default now. */
  end(at: number = now()): void {
    if (this.ended) return;
    this.endedAt = at;
    this.core.processor.onEnd(this);
  }

  /** A part of it that is only made in the sample. */
  detail(name: string, attributes: Attributes): SpanRecord {
    return new SpanRecord(this.core, name, 'client', this.idsOfPart(), this.ids, attributes);
  }

  protected idsOfPart(): SpanContext {
    const { traceId, traceFlags } = this.ids;
    return { traceId, spanId: this.core.newSpanId(), traceFlags };
  }

  get sampled(): boolean {
    return this.ids.traceFlags === TraceFlags.SAMPLED;
  }

  get failed(): boolean {
    return this.failure !== null;
  }

  get ended(): boolean {
    return this.endedAt > 0;
  }

  spanContext(): SpanContext {
    return this.ids;
  }

  /** Without a parent its span id is empty, as OTLP has it. */
  get parentSpanContext(): SpanContext {
    return this.parent ?? NO_PARENT;
  }

  get kind(): SpanKind {
    return KINDS[this.kindName];
  }

  get attributes(): Attributes {
    const all: Attributes = { ...this.given, ...this.late };
    for (const name in all) if (all[name] === undefined) delete all[name];
    return all;
  }

  get status() {
    return this.failure === null ? NOT_FAILED : { code: SpanStatusCode.ERROR, message: this.failure.message };
  }

  get events(): TimedEvent[] {
    const thrown = this.failure?.thrown ?? null;
    if (thrown === null) return NONE;
    const { name, message, stack } = thrown.error;
    const attributes = {
      'exception.type': name,
      'exception.message': message,
      ...(stack === undefined ? {} : { 'exception.stacktrace': stack }),
    };
    return [{ name: 'exception', time: hrTime(thrown.at), attributes, droppedAttributesCount: 0 }];
  }

  get links(): Link[] {
    return this.link === null ? NONE : [{ context: this.link }];
  }

  get startTime(): HrTime {
    return hrTime(this.startedAt);
  }

  get endTime(): HrTime {
    return hrTime(this.endedAt);
  }

  get duration(): HrTime {
    return hrTime(Math.max(0, this.endedAt - this.startedAt));
  }

  get resource(): Resource {
    return this.core.resource;
  }

  get instrumentationScope(): InstrumentationScope {
    return this.core.instrumentationScope;
  }

  get droppedAttributesCount(): number {
    return 0;
  }

  get droppedEventsCount(): number {
    return 0;
  }

  get droppedLinksCount(): number {
    return 0;
  }
}
