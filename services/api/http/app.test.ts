import { connect } from 'node:net';
import { expect } from 'chai';
import { z } from 'zod';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { type HttpClient, httpClient } from '../../../tests/support/api/http-client.ts';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { recordedLog } from '../../../tests/support/recorded-log.ts';
import { createApp } from './app.ts';
import { HttpServer } from './http-server.ts';
import { defineRoute } from './route.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const answer = { status: 200, description: 'ok', schema: z.unknown() };
const route = { tag: 't', summary: 's', access: 'public', input: {}, answer } as const;

describe('the door', () => {
  const log = recordedLog();
  const metrics = createMetrics();
  let isLastAnswer = false;
  const refused: string[] = [];
  let server: HttpServer;
  let http: HttpClient;

  before(async () => {
    const listener = createApp({
      replica: 'r7',
      log,
      metrics,
      isLastAnswer: () => isLastAnswer,
      authenticator: {
        async authenticateHeader(header) {
          if (header === undefined) throw new WeirError('unauthenticated', { logDetail: 'none sent' });
          return { userId: 'ann', role: header.endsWith('admin') ? 'admin' : 'user', expiresAt: 0 };
        },
      },
      routes: [
        defineRoute({
          ...route,
          method: 'post',
          path: '/echo',
          input: { body: z.unknown() },
          handle: ({ body }) => ({ body }),
        }),
        defineRoute({ ...route, method: 'get', path: '/things/:id', handle: () => ({ body: {} }) }),
        defineRoute({
          ...route,
          method: 'get',
          path: '/broken',
          handle() {
            throw new TypeError('secret detail of ours');
          },
        }),
        defineRoute({
          ...route,
          method: 'get',
          path: '/storage',
          handle() {
            throw new WeirError('storage_unavailable', { cause: new Error('ECONNREFUSED'), retryAfterSeconds: 2.2 });
          },
        }),
        defineRoute({
          ...route,
          method: 'get',
          path: '/mine',
          access: 'user',
          handle: ({ caller }) => ({ body: caller }),
        }),
        defineRoute({
          ...route,
          method: 'get',
          path: '/ours',
          access: 'admin',
          handle: ({ caller }) => ({ body: caller }),
        }),
      ],
    });
    server = new HttpServer({
      name: 'test',
      host: '127.0.0.1',
      port: 0,
      listener,
      onBroken: (code) => refused.push(code),
    });
    await server.start();
    http = httpClient(server.address().url);
  });

  after(() => server.stop());
  beforeEach(() => void log.lines.splice(0));

  it('gives every answer a correlation id, the API version, the replica and the security headers', async () => {
    for (const path of ['/things/1', '/nowhere', '/broken']) {
      const { headers } = await http('GET', path);
      expect(headers['x-correlation-id']).to.match(UUID);
      expect(headers).to.include({
        'x-api-version': '1',
        'x-replica': 'r7',
        'content-security-policy': "default-src 'none';frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
      expect(headers).not.to.have.any.keys('x-powered-by', 'etag');
    }
  });

  it('names the trace of the caller in a problem document, also while it records none itself', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const problem = async (traceparent: string) =>
      (await http('GET', '/nowhere', { headers: { traceparent } })).body as { trace_id?: string };
    expect((await problem(`00-${traceId}-00f067aa0ba902b7-00`)).trace_id).to.equal(traceId);
    expect(await problem('00-nonsense')).not.to.have.property('trace_id');
  });

  it('takes the correlation id of the caller if it is harmless, and makes one otherwise', async () => {
    const idOf = async (sent: string) =>
      (await http('GET', '/things/1', { headers: { 'X-Correlation-Id': sent } })).headers['x-correlation-id'];
    expect(await idOf('Order-7_a.b')).to.equal('Order-7_a.b');
    expect(await idOf('x'.repeat(128))).to.equal('x'.repeat(128));
    for (const bad of ['x'.repeat(129), 'a b', '', '{"$gt":1}', 'a\tb', 'é'])
      expect(await idOf(bad), bad).to.match(UUID);
  });

  it('answers an unknown address, and an address that is no address, with a problem document', async () => {
    const unknown = await http('GET', '/nowhere?token=secret');
    expect(unknown.status).to.equal(404);
    expect(unknown.headers['content-type']).to.equal('application/problem+json');
    expect(unknown.body).to.deep.equal({
      type: 'urn:weir:error:not_found',
      title: 'Not found',
      status: 404,
      detail: 'There is nothing at this address.',
      code: 'not_found',
      correlation_id: unknown.headers['x-correlation-id'],
      instance: '/nowhere',
    });
    expect((await http('GET', '/things/%ZZ')).body).to.include({ status: 400, code: 'bad_request' });
  });

  it('says which methods an address knows', async () => {
    const refused = await http('DELETE', '/things/1');
    expect(refused.body).to.include({ status: 405, code: 'method_not_allowed' });
    expect(refused.headers.allow).to.equal('GET, HEAD, OPTIONS');
    expect((await http('GET', '/echo')).headers.allow).to.equal('POST, OPTIONS');
    const options = await http('OPTIONS', '/echo');
    expect([options.status, options.headers.allow, options.text]).to.deep.equal([204, 'POST, OPTIONS', '']);
  });

  it('answers HEAD like GET, without the body', async () => {
    const head = await http('HEAD', '/things/1');
    expect([head.status, head.headers['content-length'], head.text]).to.deep.equal([200, '2', '']);
  });

  it('keeps what went wrong inside to itself, and tells the log', async () => {
    const broken = await http('GET', '/broken', { headers: { 'X-Correlation-Id': 'find-me' } });
    expect(broken.body).to.include({ status: 500, code: 'internal', correlation_id: 'find-me' });
    expect(broken.text).not.to.include('secret');
    const line = log.lines.find(({ level }) => level === 'error');
    expect(line?.fields).to.include({ correlation_id: 'find-me', method: 'GET', path: '/broken' });
    expect(line?.fields.error).to.be.instanceOf(TypeError).with.property('message', 'secret detail of ours');
  });

  it('says when to come back, in whole seconds, and logs an outage once a second, not once a request', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => http('GET', '/storage')));
    for (const { status, headers, text } of answers) {
      expect([status, headers['retry-after']]).to.deep.equal([503, '3']);
      expect(text).not.to.include('ECONNREFUSED');
    }
    expect(log.lines.filter(({ level }) => level === 'warn')).to.have.length(1);
  });

  it('asks for a token with WWW-Authenticate, and keeps users out of what is for admins', async () => {
    const nobody = await http('GET', '/mine');
    expect(nobody.body).to.include({ status: 401, code: 'unauthenticated' });
    expect(nobody.headers['www-authenticate']).to.equal('Bearer realm="weir"');
    expect((await http('GET', '/ours', { token: 'user' })).body).to.include({ status: 403, code: 'forbidden' });
    expect((await http('GET', '/ours', { token: 'admin' })).body).to.include({ userId: 'ann' });
    expect((await http('GET', '/mine', { token: 'admin' })).status).to.equal(200);
  });

  it('reads JSON and nothing else', async () => {
    const send = (type: string, extra: Record<string, string> = {}) =>
      http('POST', '/echo', { raw: '{"a":"é"}', headers: { 'Content-Type': type, ...extra } });
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"']) {
      expect((await send(type)).body, type).to.deep.equal({ a: 'é' });
    }
    for (const type of [
      'text/plain',
      'application/json; charset=latin1',
      'application/jsonx',
      'application/merge-patch+json',
      '',
    ]) {
      expect((await send(type)).body, type).to.include({ status: 415, code: 'unsupported_media_type' });
    }
    expect((await send('application/json', { 'Content-Encoding': 'gzip' })).body).to.include({ status: 415 });
  });

  it('refuses bodies that are not JSON', async () => {
    for (const raw of ['{"a":', '', '{"a":1}x', "{'a':1}", Buffer.from([0x22, 0xff, 0xfe, 0x22])]) {
      expect((await http('POST', '/echo', { raw })).body, String(raw)).to.include({
        status: 400,
        code: 'malformed_json',
      });
    }
  });

  it('takes bodies up to 64 KiB, announced or not', async () => {
    const text = (size: number) => JSON.stringify('x'.repeat(size - 2));
    expect((await http('POST', '/echo', { raw: text(65_536) })).status).to.equal(200);
    const chunked = { 'Transfer-Encoding': 'chunked' };
    for (const headers of [{}, chunked] as Array<Record<string, string>>) {
      const tooLarge = await http('POST', '/echo', { raw: text(65_537), headers });
      expect(tooLarge.body).to.include({ status: 413, code: 'body_too_large' });
    }
  });

  it('refuses JSON that is too deep or reaches for a prototype, naming the place', async () => {
    const deep = await http('POST', '/echo', { raw: '['.repeat(5_000) + ']'.repeat(5_000) });
    expect(deep.body.code).to.equal('validation_failed');
    expect(deep.body.errors[0].message).to.equal('Nested deeper than 32 levels.');
    const proto = await http('POST', '/echo', { raw: '{"payload":{"__proto__":{}}}' });
    expect(proto.body.errors).to.deep.equal([{ path: 'payload.__proto__', message: 'This name is not allowed.' }]);
  });

  it('answers even what is not HTTP with a problem document, and survives a client that hangs up in its body', async () => {
    const raw = await rawExchange('NONSENSE\r\n\r\n');
    expect(raw).to.match(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(raw.slice(raw.indexOf('{')))).to.include({ code: 'bad_request' });
    const large = await rawExchange(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(large).to.match(/^HTTP\/1\.1 431 /);
    await hangUp('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"a"');
    expect((await http('GET', '/things/1')).status).to.equal(200);
    expect(log.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  it('counts requests by route pattern, never by address', async () => {
    await http('GET', '/things/12345');
    await http('GET', '/probe-for-php');
    const text = await metrics.registry.getSingleMetricAsString('weir_http_request_duration_seconds');
    expect(text).to.include('route="/things/:id",status="200"');
    expect(text).to.include('route="unmatched",status="404"');
    expect(text).not.to.match(/12345|php/);
  });

  it('counts problems by code and route, each from 0 on, and what the parser refused', async () => {
    const count = (labels: Record<string, string>) => metricValue(metrics.http.problems, labels);
    const page = await metrics.registry.getSingleMetricAsString('weir_http_problems_total');
    expect(page).to.include('weir_http_problems_total{code="malformed_json",route="/echo"} ');
    expect(page).to.include('weir_http_problems_total{code="identity_unavailable",route="/ours"} 0');
    const before = await count({ code: 'not_found', route: 'unmatched' });
    await http('GET', '/probe-for-php');
    await http('GET', '/storage');
    expect(await count({ code: 'not_found', route: 'unmatched' })).to.equal(before + 1);
    expect(await count({ code: 'storage_unavailable', route: '/storage' })).to.be.at.least(1);
    const broken = refused.length;
    await rawExchange('NONSENSE\r\n\r\n');
    expect(refused.slice(broken)).to.deep.equal(['bad_request']);
  });

  it('makes one series of all methods that nobody serves', async () => {
    for (const method of ['PROPFIND', 'MKCOL', 'REPORT'])
      await rawExchange(`${method} /things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const text = await metrics.registry.getSingleMetricAsString('weir_http_request_duration_seconds');
    expect(text).to.include('_count{method="other",route="/things/:id",status="405"} 3');
    expect(text).not.to.match(/PROPFIND|MKCOL|REPORT/);
  });

  it('asks clients to let go of their connection when its door is closed', async () => {
    isLastAnswer = true;
    const keepAlive = { headers: { Connection: 'keep-alive' } };
    expect((await http('GET', '/things/1', keepAlive)).headers.connection).to.equal('close');
    isLastAnswer = false;
    expect((await http('GET', '/things/1', keepAlive)).headers.connection).to.equal('keep-alive');
  });

  function rawExchange(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(server.address().port, '127.0.0.1', () => socket.write(text));
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(received));
    });
  }

  function hangUp(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(server.address().port, '127.0.0.1', () => socket.write(text, () => socket.destroy()));
      socket.on('error', reject);
      socket.on('close', () => resolve());
    });
  }
});
