import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { until } from '../until.ts';
import { type ReceivedSpan, readExport } from './otlp-message.ts';

/** A receiver of OTLP/HTTP on a free port of 127.0.0.1, as a collector is one, that keeps every span. */
export class TraceReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Headers of the exports. */
  readonly headers: Array<Record<string, string | string[] | undefined>> = [];
  private silent = false;
  private readonly server = createServer(async (request, response) => {
    const body = await buffer(request);
    if (this.silent) return;
    if (request.method !== 'POST' || request.url !== '/v1/traces') return void response.writeHead(404).end();
    this.headers.push(request.headers);
    this.spans.push(...readExport(body));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
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
