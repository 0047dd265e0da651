import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { NginxRig } from '../support/nginx/nginx-rig.ts';
import { openSocket } from '../support/nginx/open-socket.ts';
import { answerOf, expectProblem } from '../support/nginx/problem-of.ts';
import { rawAnswer } from '../support/nginx/raw-answer.ts';
import { silent, type Upstream, upstream, withSockets } from '../support/nginx/upstream.ts';
import { until } from '../support/until.ts';

/** So that limits apply to the only client there is; clients of this machine are free of them otherwise. */
const EVERYBODY = { WEIR_NGINX_UNLIMITED: '192.0.2.0/24' };

describe('limits of Nginx', () => {
  let rig: NginxRig | undefined;
  let replica: Upstream;

  async function start(settings: Record<string, string>): Promise<string> {
    rig = await NginxRig.start([replica], settings);
    return rig.url;
  }
  beforeEach(async () => {
    replica = withSockets(await upstream(), 'first');
  });
  afterEach(async () => {
    await rig?.close();
    rig = undefined;
  });

  it('answers requests beyond the rate of an address with a problem that says when to come back', async () => {
    const url = await start({ ...EVERYBODY, WEIR_NGINX_REQUEST_RATE: '1r/m', WEIR_NGINX_REQUEST_BURST: '2' });
    const answers = await Promise.all(Array.from({ length: 5 }, async () => answerOf(await fetch(url))));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).to.have.length(2);
    for (const answer of refused) expectProblem(answer, 'too_many_requests', { retryAfterSeconds: 1 });
    expect(replica.requests).to.have.length(3);
    // The line is written within a second.
    const line = await until(
      () =>
        readFileSync(rig?.accessLog ?? '', 'utf8')
          .trimEnd()
          .split('\n')
          .map((text) => JSON.parse(text) as Record<string, unknown>)
          .find(({ correlation_id }) => correlation_id === refused[0]?.headers.get('x-correlation-id')),
      { timeoutMs: 5_000, what: 'the refusal in the access log' },
    );
    expect(line).to.include({ status: 429, limited: 'REJECTED', upstream: '', method: 'GET', path: '/' });
  });

  it('counts each address for itself, and this machine not at all', async () => {
    const settings = {
      WEIR_NGINX_REQUEST_RATE: '1r/m',
      WEIR_NGINX_REQUEST_BURST: '1',
      WEIR_NGINX_TRUSTED_PROXY: '127.0.0.1',
    };
    const url = await start(settings);
    const from = async (address: string) => (await fetch(url, { headers: { 'X-Forwarded-For': address } })).status;
    for (let n = 0; n < 10; n++) expect((await fetch(url)).status).to.equal(200);
    for (const address of ['198.51.100.7', '198.51.100.8', '2001:db8::1']) {
      expect([await from(address), await from(address), await from(address)], address).to.deep.equal([200, 200, 429]);
    }
  });

  it('bounds the requests of an address that are under way at once', async () => {
    const url = await start({ ...EVERYBODY, WEIR_NGINX_REQUESTS_AT_ONCE: '2' });
    const waiting: Array<() => void> = [];
    replica.answer = (_request, response) => void waiting.push(() => response.end('ok'));
    const first = [fetch(url), fetch(url)];
    await until(() => waiting.length === 2, { timeoutMs: 5_000, what: 'two requests to be under way' });
    expectProblem(await answerOf(await fetch(url)), 'too_many_requests', { retryAfterSeconds: 10 });
    for (const end of waiting.splice(0)) end();
    expect((await Promise.all(first)).map(({ status }) => status)).to.deep.equal([200, 200]);
    replica.answer = (_request, response) => void response.end('ok');
    expect((await fetch(url)).status).to.equal(200);
  });

  it('bounds the sockets of an address, apart from its requests', async () => {
    const url = await start({ ...EVERYBODY, WEIR_NGINX_SOCKETS: '2', WEIR_NGINX_REQUESTS_AT_ONCE: '1' });
    const sockets = [await openSocket(url), await openSocket(url)];
    expect(sockets.map(({ status }) => status)).to.deep.equal([101, 101]);
    const { status, headers, body } = await openSocket(url);
    const sent = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    expectProblem({ status, headers: new Headers(sent), body }, 'too_many_requests', { retryAfterSeconds: 10 });
    expect((await fetch(url)).status).to.equal(200);
    for (const socket of sockets) socket.end();
  });

  it('refuses a body that is too large, before a replica sees any of it', async () => {
    const url = await start({ WEIR_NGINX_MAX_BODY: '1k' });
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(1_024) })).status).to.equal(200);
    replica.requests.length = 0;
    expectProblem(await answerOf(await fetch(url, { method: 'POST', body: 'x'.repeat(1_025) })), 'body_too_large');
    expect(replica.requests).to.have.length(0);
  });

  it('answers what is not HTTP, or too much of it, with problems', async () => {
    const url = await start({});
    const head = 'Host: weir\r\nConnection: close\r\n';
    for (const [bytes, code] of [
      ['nonsense\r\n\r\n', 'bad_request'],
      [`GET / HTTP/1.1\r\nConnection: close\r\n\r\n`, 'bad_request'],
      [`GET /%zz HTTP/1.1\r\n${head}\r\n`, 'bad_request'],
      [`GET /${'x'.repeat(17_000)} HTTP/1.1\r\n${head}\r\n`, 'bad_request'],
      [`GET / HTTP/3.0\r\n${head}\r\n`, 'bad_request'],
      [`POST / HTTP/1.1\r\n${head}Transfer-Encoding: strange\r\n\r\n`, 'bad_request'],
      [`POST / HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc`, 'bad_request'],
      [`GET / HTTP/1.1\r\n${head}X-Large: ${'x'.repeat(17_000)}\r\n\r\n`, 'headers_too_large'],
    ] as const) {
      const answer = await rawAnswer(url, bytes);
      if (answer === null) throw new Error(`no answer to ${bytes.slice(0, 40)}`);
      expectProblem(answer, code);
    }
    expect(replica.requests).to.have.length(0);
  });

  it('drops clients that do not come to the end of their headers or body; no replica sees them', async () => {
    const url = await start({ WEIR_NGINX_CLIENT_TIMEOUT: '1s' });
    const head = 'POST / HTTP/1.1\r\nHost: weir\r\n';
    const answers = await Promise.all([rawAnswer(url, head), rawAnswer(url, `${head}Content-Length: 10\r\n\r\nhalf`)]);
    expect(answers).to.deep.equal([null, null]);
    expect(replica.requests).to.have.length(0);
  });

  it('does not end a socket for the silence that ends a request', async () => {
    const url = await start({ WEIR_NGINX_ANSWER_TIMEOUT: '1s' });
    const socket = await openSocket(url);
    expect(socket.status).to.equal(101);
    replica.answer = silent;
    // A request that nobody answers takes at least as long as the silence that is borne.
    expect((await fetch(url, { method: 'POST' })).status).to.equal(503);
    expect(socket.isOpen()).to.equal(true);
    socket.end();
  });
});
