import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { expect } from 'chai';
import { NginxRig } from '../../../tests/support/nginx/nginx-rig.ts';
import { ok, type Upstream, upstream } from '../../../tests/support/nginx/upstream.ts';
import { until } from '../../../tests/support/until.ts';

describe('Nginx in front of the replicas', () => {
  let rig: NginxRig | undefined;

  async function start(...replicas: Upstream[]): Promise<string> {
    rig = await NginxRig.start(replicas);
    return rig.url;
  }

  function lastLine(): Record<string, unknown> {
    const lines = readFileSync(rig?.accessLog ?? '', 'utf8')
      .trimEnd()
      .split('\n');
    return JSON.parse(lines.at(-1) ?? '');
  }

  afterEach(async () => {
    await rig?.close();
    rig = undefined;
  });

  it('passes the correlation id on if it is a sound one, and makes one otherwise', async () => {
    const replica = await upstream();
    const url = await start(replica);
    await fetch(url, { headers: { 'X-Correlation-Id': 'abc.DEF-1_2' } });
    await fetch(url, { headers: { 'X-Correlation-Id': 'not "sound"' } });
    await fetch(url);
    const ids = replica.requests.map((incoming) => incoming.headers['x-correlation-id']);
    expect(ids[0]).to.equal('abc.DEF-1_2');
    expect(ids[1]).to.match(/^[0-9a-f]{32}$/);
    expect(ids[2]).to.match(/^[0-9a-f]{32}$/);
  });

  it('passes the trace context on as it came', async () => {
    const replica = await upstream();
    const url = await start(replica);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await fetch(url, { headers: { traceparent, tracestate: 'a=1,b=2' } });
    expect(replica.requests[0]?.headers).to.include({ traceparent, tracestate: 'a=1,b=2' });
  });

  it('writes a line of JSON per request: who, what, which replicas, how long; never what is behind the question mark', async () => {
    const replica = await upstream();
    const url = await start(replica);
    const headers = { 'X-Correlation-Id': 'mine', traceparent: '00-ab-cd-01', 'User-Agent': 'a "quoted" one' };
    await fetch(`${url}/ws-like?ticket=secret`, { method: 'POST', body: 'four', headers });
    const line = await until(lastLine, { timeoutMs: 5_000, what: 'a line in the access log' });
    expect(line).to.include({
      level: 'info',
      method: 'POST',
      path: '/ws-like',
      status: 200,
      upstream: `127.0.0.1:${replica.port}`,
      upstream_status: '200',
      bytes: 2,
      client: '127.0.0.1',
      peer: '127.0.0.1',
      user_agent: 'a "quoted" one',
      scheme: 'http',
      protocol: 'HTTP/1.1',
      correlation_id: 'mine',
      trace_parent: '00-ab-cd-01',
    });
    for (const name of ['seconds', 'request_bytes']) expect(line[name], name).to.be.a('number');
    for (const name of ['upstream_connect_seconds', 'upstream_header_seconds', 'upstream_seconds'])
      expect(line[name], name).to.match(/^\d+\.\d+$/);
    expect(JSON.stringify(line)).not.to.include('secret');
  });

  it('lets the errors of a replica through unchanged, also those that it has a word for itself', async () => {
    const replica = await upstream();
    const url = await start(replica);
    for (const status of [400, 404, 413, 418, 429, 500, 502, 503, 504]) {
      replica.answer = (_request, response) =>
        void response.writeHead(status, { 'Retry-After': '9' }).end('from the replica');
      const answer = await fetch(url);
      expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).to.deep.equal([
        status,
        '9',
        'from the replica',
      ]);
    }
  });

  it('adds no header to the answers of a replica', async () => {
    const url = await start(await upstream());
    const answer = await fetch(url);
    expect([...answer.headers.keys()].sort()).to.deep.equal(['connection', 'content-length', 'date', 'server']);
    expect(answer.headers.get('server')).to.equal('nginx');
  });

  it('passes WebSocket upgrades through, after a short question to the same replica', async () => {
    const replica = await upstream();
    replica.server.on('upgrade', (incoming, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Url: ${incoming.url}\r\nX-Id: ${incoming.headers['x-correlation-id']}\r\n\r\nhello`,
      );
    });
    const url = await start(replica);
    const upgrade = request(`${url}/ws?epoch=e&offset=3`, {
      headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'X-Correlation-Id': 'mine' },
    }).end();
    const [answer, socket, head] = await once(upgrade, 'upgrade');
    expect(answer.headers).to.include({ 'x-url': '/ws?epoch=e&offset=3', 'x-id': 'mine' });
    if (head.length === 0) await once(socket, 'data');
    socket.destroy();
    expect(replica.requests.map(({ method, url: asked }) => [method, asked])).to.deep.equal([['GET', '/health']]);
  });

  it('takes a new list of replicas without losing a request', async () => {
    const [old, added] = [await upstream(), await upstream()];
    const url = await start(old);
    await rig?.reload([added]);
    const statuses: number[] = [];
    await until(
      async () => {
        statuses.push((await fetch(url)).status);
        return added.requests.length > 0;
      },
      { timeoutMs: 5_000, what: 'the added replica to be asked' },
    );
    expect(new Set(statuses)).to.deep.equal(new Set([200]));
  });

  it('keeps the old configuration when the new one is wrong, and says what is wrong', async () => {
    const replica = await upstream(ok);
    const url = await start(replica);
    const error = await rig
      ?.reload([replica], { 'conf.d/status.conf': 'nonsense;' })
      .catch((reason: Error) => reason.message);
    expect(error).to.match(/does not accept its configuration[\s\S]*nonsense/);
    expect((await fetch(url)).status).to.equal(200);
  });

  it('tells its own figures on a port of its own, to those inside', async () => {
    await start(await upstream());
    const inside = `http://127.0.0.1:${rig?.statusPort}`;
    expect(await (await fetch(`${inside}/stub_status`)).text()).to.match(/^Active connections: \d+/);
    expect(await (await fetch(`${inside}/health`)).text()).to.equal('ok\n');
    expect((await fetch(`${rig?.url}/stub_status`)).headers.get('content-length'), 'a replica answered').to.equal('2');
  });
});
