import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { openSpan, setTracingCore, type TraceSpan } from '../../shared/observability/tracing/spans.ts';
import { OUTSIDE, recordSpans } from '../../tests/support/tracing/recorded-spans.ts';
import { ModelSpans } from './llm/endpoint/model-spans.ts';
import { ModelFailure } from './llm/model-failure.ts';
import { RunLeft } from './run-in-hand.ts';
import { inStepSpan } from './run-span.ts';
import { StepFailure } from './steps/step-failure.ts';
import { sendTraced } from './webhook/webhook-span.ts';

describe('spans of a worker', () => {
  let ended: readonly ReadableSpan[];
  let run: TraceSpan;

  beforeEach(() => {
    ({ ended } = recordSpans());
    run = openSpan('run', { parent: `00-${OUTSIDE}-00000000000000aa-00` });
  });
  afterEach(() => void setTracingCore(null));

  /** Whether each span has failed, in the order of their ends. */
  const failed = () => ended.map(({ status }) => status.message !== undefined);

  it('a step has failed when it says so, and not when it is cut off', async () => {
    const step = { name: 'wait', type: 'delay' as const, config: { duration: 1 } };
    await inStepSpan(run, step, 0, async () => new StepFailure('webhook_answer', 'The answer is too large.'));
    await inStepSpan(run, step, 1, () => Promise.reject(new RunLeft('stopping'))).catch(() => {});
    expect(failed()).to.deep.equal([true, false]);
    expect(ended[0]?.attributes).to.deep.equal({
      'weir.step.name': 'wait',
      'weir.step.index': 0,
      'error.type': 'webhook_answer',
    });
  });

  it('a model call has failed when the provider has, and not when nobody waits for it any more', async () => {
    const spans = new ModelSpans({ name: 'primary', baseUrl: 'http://127.0.0.1:9/v1', apiVersion: '' });
    const request = { correlationId: 'c', prompt: 'Hi', span: run };
    const call = (work: () => Promise<never>) => spans.inside({ model: 'm', request }, work).catch(() => {});
    await call(() => Promise.reject(new ModelFailure('unreachable')));
    await call(() => Promise.reject(new RunLeft('cancelled')));
    await spans.inside({ model: 'm', request }, async () => ({
      text: 'Hello',
      provider: 'primary',
      model: 'm-1',
      finishReason: 'stop',
      usage: null,
    }));
    expect(failed()).to.deep.equal([true, false, false]);
    expect(ended[0]?.attributes['error.type']).to.equal('unreachable');
    expect(ended[2]?.attributes).to.deep.equal({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'm',
      'server.address': '127.0.0.1',
      'server.port': 9,
      'weir.provider': 'primary',
      'gen_ai.response.model': 'm-1',
      'gen_ai.response.finish_reasons': ['stop'],
    });
  });

  describe('of a webhook', () => {
    let host: Server;
    let status: number;
    let seen: IncomingHttpHeaders;

    before(async () => {
      host = createServer((request, response) => {
        seen = request.headers;
        if (status > 0) response.writeHead(status).end();
      }).listen(0, '127.0.0.1');
      await once(host, 'listening');
    });
    after(() => host.close().closeAllConnections());

    const send = (signal = new AbortController().signal, headers: Record<string, string> = {}) => {
      const url = new URL(`http://127.0.0.1:${(host.address() as AddressInfo).port}/hook?secret=1`);
      const addresses = [{ address: '127.0.0.1', family: 4 }];
      return sendTraced(run, { url, method: 'POST', headers, body: null, addresses }, signal);
    };

    it('have failed with an error of the host, and not when nobody waits for it any more', async () => {
      for (status of [204, 404, 503]) await send();
      status = 0;
      const leaving = new AbortController();
      const sent = send(leaving.signal).catch(() => {});
      await once(host, 'request');
      leaving.abort();
      await sent;
      expect(failed()).to.deep.equal([false, false, true, false]);
      expect(ended[0]?.attributes).to.deep.equal({
        'http.request.method': 'POST',
        'server.address': '127.0.0.1',
        'url.scheme': 'http',
        'url.path': '/hook',
        'http.response.status_code': 204,
      });
    });

    it('go along as traceparent, unless the step gives one of its own', async () => {
      status = 204;
      await send();
      expect(seen.traceparent).to.equal(`00-${run.traceId}-${ended[0]?.spanContext().spanId}-00`);
      await send(undefined, { traceparent: 'own' });
      expect(seen.traceparent).to.equal('own');
    });
  });
});
