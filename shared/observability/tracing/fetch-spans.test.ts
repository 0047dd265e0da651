import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { fetchInTrace } from './fetch-in-trace.ts';
import { traceFetches } from './fetch-spans.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('a fetch', () => {
  let server: Server;
  let url: string;
  let seen: IncomingHttpHeaders[];
  let exporter: InMemorySpanExporter;
  let end: () => void;

  // Once: the SDK knows one place of a process where a span under way is looked for.
  before(async () => {
    seen = [];
    server = createServer((request, response) => {
      seen.push(request.headers);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    exporter = new InMemorySpanExporter();
    end = traceFetches(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  });
  after(() => {
    end();
    server.close().closeAllConnections();
  });

  const post = async (traceParent: string | null) => {
    const answer = await fetchInTrace(traceParent, () => fetch(url, { method: 'POST', body: '{"a":1}' }));
    await answer.text();
  };

  it('of a trace carries it, also several at once on new connections, and no other does', async () => {
    const parents = [null, `00-${TRACE}-${SPAN}-00`, `00-${TRACE}-${SPAN}-01`, null];
    await Promise.all(parents.map(post));
    const carried = seen.map(({ traceparent }) => traceparent ?? null);
    expect(carried.sort()).to.deep.equal(parents.sort());
  });

  it('has a span in the sample only', async () => {
    exporter.reset();
    for (const parent of [null, `00-${TRACE}-${SPAN}-00`, `00-${TRACE}-${SPAN}-01`]) await post(parent);
    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ name }) => name)).to.deep.equal(['POST']);
    expect(spans[0]?.parentSpanContext).to.include({ traceId: TRACE, spanId: SPAN });
  });
});
