import { PbfReader } from 'pbf';

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** null: the trace begins here. */
  parentSpanId: string | null;
  name: string;
  /** Of the process that recorded it. */
  replica: string;
  failed: boolean;
  attributes: Record<string, unknown>;
  links: Array<{ traceId: string; spanId: string }>;
  /** Names of the exceptions recorded on it. */
  exceptions: string[];
  /** Unix ms. */
  startedAt: number;
  endedAt: number;
}

type Field<T> = (tag: number, message: T, reader: PbfReader) => void;
type Attributes = Record<string, unknown>;

const ERROR = 2;

/** The spans of an `ExportTraceServiceRequest` of OTLP. Fields have the numbers of opentelemetry-proto v1; those not named are passed over. */
export function readExport(bytes: Uint8Array): ReceivedSpan[] {
  return new PbfReader(bytes).readFields<ReceivedSpan[]>((tag, spans, reader) => {
    if (tag === 1) spans.push(...readResourceSpans(reader));
  }, []);
}

function readResourceSpans(reader: PbfReader): ReceivedSpan[] {
  const resource: Attributes = {};
  const spans = reader.readMessage<ReceivedSpan[]>((tag, all) => {
    if (tag === 1) reader.readMessage(attributesIn(1), resource);
    if (tag === 2) reader.readMessage(scopeField, all);
  }, []);
  return spans.map((span) => ({ ...span, replica: String(resource['service.instance.id']) }));
}

const scopeField: Field<ReceivedSpan[]> = (tag, spans, reader) => {
  if (tag === 2) spans.push(reader.readMessage(spanField, emptySpan()));
};

function emptySpan(): ReceivedSpan {
  const told = { traceId: '', spanId: '', parentSpanId: null, name: '', startedAt: 0, endedAt: 0 };
  return { ...told, replica: '', failed: false, attributes: {}, links: [], exceptions: [] };
}

const spanField: Field<ReceivedSpan> = (tag, span, reader) => {
  if (tag === 1) span.traceId = readId(reader);
  if (tag === 2) span.spanId = readId(reader);
  if (tag === 4) span.parentSpanId = readId(reader) || null;
  if (tag === 5) span.name = reader.readString();
  if (tag === 7) span.startedAt = reader.readFixed64() / 1e6;
  if (tag === 8) span.endedAt = reader.readFixed64() / 1e6;
  if (tag === 9) readAttribute(reader, span.attributes);
  if (tag === 11) span.exceptions.push(String(reader.readMessage<Attributes>(attributesIn(3), {})['exception.type']));
  if (tag === 13) span.links.push(reader.readMessage(linkField, { traceId: '', spanId: '' }));
  if (tag === 15) reader.readMessage(statusField, span);
};

const linkField: Field<ReceivedSpan['links'][number]> = (tag, link, reader) => {
  if (tag === 1) link.traceId = readId(reader);
  if (tag === 2) link.spanId = readId(reader);
};

const statusField: Field<ReceivedSpan> = (tag, span, reader) => {
  if (tag === 3) span.failed = reader.readVarint() === ERROR;
};

/** Of a message that has its attributes in this field. */
function attributesIn(field: number): Field<Attributes> {
  return (tag, attributes, reader) => {
    if (tag === field) readAttribute(reader, attributes);
  };
}

function readAttribute(reader: PbfReader, into: Attributes): void {
  const attribute: { key: string; value: unknown } = { key: '', value: undefined };
  reader.readMessage((tag, read) => {
    if (tag === 1) read.key = reader.readString();
    if (tag === 2) read.value = readValue(reader);
  }, attribute);
  into[attribute.key] = attribute.value;
}

/** An `AnyValue`. */
function readValue(reader: PbfReader): unknown {
  return reader.readMessage<{ value: unknown }>(
    (tag, read) => {
      if (tag === 1) read.value = reader.readString();
      if (tag === 2) read.value = reader.readBoolean();
      if (tag === 3) read.value = reader.readVarint(true);
      if (tag === 4) read.value = reader.readDouble();
      if (tag === 5) read.value = readArray(reader);
    },
    { value: undefined },
  ).value;
}

function readArray(reader: PbfReader): unknown[] {
  return reader.readMessage<unknown[]>((tag, values) => {
    if (tag === 1) values.push(readValue(reader));
  }, []);
}

function readId(reader: PbfReader): string {
  return Buffer.from(reader.readBytes()).toString('hex');
}
