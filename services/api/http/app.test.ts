import { expect } from 'chai';
import { Door } from '../../../tests/support/api/door.ts';
import { rawAnswer } from '../../../tests/support/nginx/raw-answer.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe('the door', () => {
  let door: Door;

  before(async () => {
    door = await Door.open();
  });
  after(() => door.close());
  beforeEach(() => void door.log.lines.splice(0));

  it('gives every answer a correlation id, the API version, the replica and the security headers', async () => {
    for (const path of ['/things/1', '/nowhere', '/broken']) {
      const { headers } = await door.http('GET', path);
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
      (await door.http('GET', '/nowhere', { headers: { traceparent } })).body as { trace_id?: string };
    expect((await problem(`00-${traceId}-00f067aa0ba902b7-00`)).trace_id).to.equal(traceId);
    expect(await problem('00-nonsense')).not.to.have.property('trace_id');
  });

  it('takes the correlation id of the caller if it is harmless, and makes one otherwise', async () => {
    const idOf = async (sent: string) =>
      (await door.http('GET', '/things/1', { headers: { 'X-Correlation-Id': sent } })).headers['x-correlation-id'];
    expect(await idOf('Order-7_a.b')).to.equal('Order-7_a.b');
    expect(await idOf('x'.repeat(128))).to.equal('x'.repeat(128));
    for (const bad of ['x'.repeat(129), 'a b', '', '{"$gt":1}', 'a\tb', 'é'])
      expect(await idOf(bad), bad).to.match(UUID);
  });

  it('answers an unknown address, and an address that is no address, with a problem document', async () => {
    const unknown = await door.http('GET', '/nowhere?token=secret');
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
    expect((await door.http('GET', '/things/%ZZ')).body).to.include({ status: 400, code: 'bad_request' });
  });

  it('says which methods an address knows', async () => {
    const refused = await door.http('DELETE', '/things/1');
    expect(refused.body).to.include({ status: 405, code: 'method_not_allowed' });
    expect(refused.headers.allow).to.equal('GET, HEAD, OPTIONS');
    expect((await door.http('GET', '/echo')).headers.allow).to.equal('POST, OPTIONS');
    const options = await door.http('OPTIONS', '/echo');
    expect([options.status, options.headers.allow, options.text]).to.deep.equal([204, 'POST, OPTIONS', '']);
  });

  it('answers HEAD like GET, without the body', async () => {
    const head = await door.http('HEAD', '/things/1');
    expect([head.status, head.headers['content-length'], head.text]).to.deep.equal([200, '2', '']);
  });

  it('keeps what went wrong inside to itself, and tells the log', async () => {
    const broken = await door.http('GET', '/broken', { headers: { 'X-Correlation-Id': 'find-me' } });
    expect(broken.body).to.include({ status: 500, code: 'internal', correlation_id: 'find-me' });
    expect(broken.text).not.to.include('secret');
    const line = door.log.lines.find(({ level }) => level === 'error');
    expect(line?.fields).to.include({ correlation_id: 'find-me', method: 'GET', path: '/broken' });
    expect(line?.fields.error).to.be.instanceOf(TypeError).with.property('message', 'secret detail of ours');
  });

  it('says when to come back, in whole seconds, and logs an outage once a second, not once a request', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => door.http('GET', '/storage')));
    for (const { status, headers, text } of answers) {
      expect([status, headers['retry-after']]).to.deep.equal([503, '3']);
      expect(text).not.to.include('ECONNREFUSED');
    }
    expect(door.log.lines.filter(({ level }) => level === 'warn')).to.have.length(1);
  });

  it('asks for a token with WWW-Authenticate, and keeps users out of what is for admins', async () => {
    const nobody = await door.http('GET', '/mine');
    expect(nobody.body).to.include({ status: 401, code: 'unauthenticated' });
    expect(nobody.headers['www-authenticate']).to.equal('Bearer realm="weir"');
    expect((await door.http('GET', '/ours', { token: 'user' })).body).to.include({ status: 403, code: 'forbidden' });
    expect((await door.http('GET', '/ours', { token: 'admin' })).body).to.include({ userId: 'ann' });
    expect((await door.http('GET', '/mine', { token: 'admin' })).status).to.equal(200);
  });

  it('answers even what is not HTTP with a problem document, and survives a client that hangs up in its body', async () => {
    const broken = await rawAnswer(door.url, 'NONSENSE\r\n\r\n');
    expect(broken?.status).to.equal(400);
    expect(JSON.parse(broken?.body ?? '')).to.include({ code: 'bad_request' });
    const large = await rawAnswer(door.url, `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(large?.status).to.equal(431);
    await door.hangUp(
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"a"',
    );
    expect((await door.http('GET', '/things/1')).status).to.equal(200);
    expect(door.log.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  it('asks clients to let go of their connection when its door is closed', async () => {
    door.isLastAnswer = true;
    const keepAlive = { headers: { Connection: 'keep-alive' } };
    expect((await door.http('GET', '/things/1', keepAlive)).headers.connection).to.equal('close');
    door.isLastAnswer = false;
    expect((await door.http('GET', '/things/1', keepAlive)).headers.connection).to.equal('keep-alive');
  });
});
