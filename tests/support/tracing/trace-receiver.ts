import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../until.ts';

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

/** OTLP as JSON, as far as it is read here. */
interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: OtlpAttribute[];
  status?: { code?: number };
  links?: Array<{ traceId: string; spanId: string }>;
  events?: Array<{ name: string; attributes?: OtlpAttribute[] }>;
}
interface OtlpAttribute {
  key: string;
  value: Record<string, unknown>;
}
interface OtlpExport {
  resourceSpans: Array<{
    resource: { attributes: OtlpAttribute[] };
    scopeSpans: Array<{ spans: OtlpSpan[] }>;
  }>;
}

/** A receiver of OTLP/HTTP on a free port of 127.0.0.1, as a collector is one, that keeps every span. */
export class TraceReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Headers of the exports. */
  readonly headers: Array<Record<string, string | string[] | undefined>> = [];
  private silent = false;
  private readonly server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (this.silent) return;
    if (request.method !== 'POST' || request.url !== '/v1/traces') return void response.writeHead(404).end();
    this.headers.push(request.headers);
    this.spans.push(...read(JSON.parse(body) as OtlpExport));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });

  static async start(): Promise<TraceReceiver> {
    const receiver = new TraceReceiver();
    receiver.server.listen(0, '127.0.0.1');
    await once(receiver.server, 'listening');
    return receiver;
  }

  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on nothing is answered, nor kept. */
  silence(): void {
    this.silent = true;
  }

  of(traceId: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  /** The spans of a trace once there is one of each of these names. */
  async trace(traceId: string, ...names: string[]): Promise<ReceivedTrace> {
    const missing = () => names.filter((name) => !this.of(traceId).some((span) => span.name === name));
    await until(() => missing().length === 0, { timeoutMs: 20_000, what: `spans ${names.join(', ')}` }).catch(
      (error) => {
        throw new Error(`missing: ${missing().join(', ')}; there: ${this.of(traceId).map((span) => span.name)}`, {
          cause: error,
        });
      },
    );
    return new ReceivedTrace(this.of(traceId));
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

export class ReceivedTrace {
  constructor(readonly spans: readonly ReceivedSpan[]) {}

  /** The only span of that name. */
  one(name: string): ReceivedSpan {
    const [span, ...more] = this.all(name);
    if (span === undefined || more.length > 0) throw new Error(`${more.length + (span ? 1 : 0)} spans named ${name}`);
    return span;
  }

  all(name: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** From a span up to where the trace begins here: names, the span's own first. */
  path(span: ReceivedSpan): string[] {
    const parent = this.spans.find(({ spanId }) => spanId === span.parentSpanId);
    return [span.name, ...(parent === undefined ? [] : this.path(parent))];
  }
}

function read({ resourceSpans }: OtlpExport): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const replica = String(record(resource.attributes)['service.instance.id']);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => received(span, replica)));
  });
}

function received(span: OtlpSpan, replica: string): ReceivedSpan {
  const { traceId, spanId, parentSpanId, name, attributes, status, links = [], events = [] } = span;
  return {
    traceId,
    spanId,
    parentSpanId: parentSpanId || null,
    name,
    replica,
    failed: status?.code === 2,
    attributes: record(attributes),
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    exceptions: events.map((event) => String(record(event.attributes)['exception.type'])),
    startedAt: Number(BigInt(span.startTimeUnixNano) / 1_000n) / 1_000,
    endedAt: Number(BigInt(span.endTimeUnixNano) / 1_000n) / 1_000,
  };
}

function record(attributes: readonly OtlpAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

/** `{stringValue}`, `{intValue}` (a number or, of 64 bits, a text), `{arrayValue}` … as the value itself. */
function plain(value: Record<string, unknown>): unknown {
  if ('arrayValue' in value)
    return ((value.arrayValue as { values?: Array<Record<string, unknown>> }).values ?? []).map(plain);
  if ('intValue' in value) return Number(value.intValue);
  return Object.values(value)[0];
}
