import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';

/** What all spans of a process have in common. */
export interface SpanContextCore {
  resource: Resource;
  instrumentationScope: InstrumentationScope;
  processor: { onStart(span: ReadableSpan): void; onEnd(span: ReadableSpan): void };
}

interface Given {
  name: string;
  kind: SpanKind;
  ids: { traceId: string; spanId: string };
  sampled: boolean;
  parent: { spanId: string; sampled: boolean; isRemote: boolean } | null;
  link: { traceId: string; spanId: string } | null;
  /** Added to by the owner of the span: not to be shared by two that have one. */
  attributes: Attributes | undefined;
  /** Unix ms; undefined: now. */
  startedAt: number | undefined;
}

const UNSET: SpanStatus = { code: SpanStatusCode.UNSET };
const NONE: never[] = [];

/**
 * A span as the exporter reads it, made for the nine of ten that nobody ever reads: it keeps what it is given, and what OpenTelemetry wants of
 * it is worked out when it is asked for. The SDK's own span costs three times as much, more than a start can spare.
 */
export class SpanRecord implements ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly ids: SpanContext;
  readonly sampled: boolean;
  readonly attributes: Attributes;
  status = UNSET;
  events: TimedEvent[] = NONE;
  /** Unix ms; 0: it goes on. */
  endedAt = 0;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  private readonly startedAt: number;
  private readonly parent: Given['parent'];
  private readonly link: Given['link'];

  constructor(
    private readonly within: SpanContextCore,
    given: Given,
  ) {
    this.name = given.name;
    this.kind = given.kind;
    this.sampled = given.sampled;
    const { traceId, spanId } = given.ids;
    this.ids = { traceId, spanId, traceFlags: flagsOf(given.sampled) };
    this.parent = given.parent;
    this.link = given.link;
    this.attributes = given.attributes ?? {};
    this.startedAt = given.startedAt ?? now();
  }

  get failed(): boolean {
    return this.status.code === SpanStatusCode.ERROR;
  }

  spanContext(): SpanContext {
    return this.ids;
  }

  /** Without a parent its span id is empty, as OTLP has it. */
  get parentSpanContext(): SpanContext {
    const { spanId = '', sampled = false, isRemote = false } = this.parent ?? {};
    return { traceId: this.ids.traceId, spanId, traceFlags: flagsOf(sampled), isRemote };
  }

  get links(): Link[] {
    return this.link === null ? NONE : [{ context: { ...this.link, traceFlags: TraceFlags.NONE } }];
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

  get ended(): boolean {
    return this.endedAt > 0;
  }

  get resource(): Resource {
    return this.within.resource;
  }

  get instrumentationScope(): InstrumentationScope {
    return this.within.instrumentationScope;
  }
}

/** An error comes with its stack, a text without. */
export function failRecord(record: SpanRecord, error: unknown): void {
  if (record.ended) return;
  const message = error instanceof Error ? error.message : String(error);
  record.status = { code: SpanStatusCode.ERROR, message };
  if (!(error instanceof Error)) return;
  const attributes = {
    'exception.type': error.name,
    'exception.message': message,
    ...(error.stack === undefined ? {} : { 'exception.stacktrace': error.stack }),
  };
  record.events = [...record.events, { name: 'exception', time: hrTime(now()), attributes, droppedAttributesCount: 0 }];
}

/** Once. `at`: Unix ms; default now. */
export function endRecord({ processor }: SpanContextCore, record: SpanRecord, at: number = now()): void {
  if (record.ended) return;
  record.endedAt = at;
  processor.onEnd(record);
}

function flagsOf(sampled: boolean): number {
  return sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
}

/** How long the two clocks may run apart (ms). */
const SYNC_MS = 60_000;
let syncedAt = Number.NEGATIVE_INFINITY;
let offset = 0;

/** Unix ms with fractions: those of the monotonic clock, which the wall clock has none of. */
function now(): number {
  const monotonic = performance.now();
  if (monotonic - syncedAt > SYNC_MS) {
    syncedAt = monotonic;
    offset = Date.now() - monotonic;
  }
  return offset + monotonic;
}

function hrTime(ms: number): HrTime {
  const seconds = Math.trunc(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}
