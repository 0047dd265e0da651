import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { ERROR_CATALOGUE } from '../../../shared/errors/catalogue.ts';
import { guardProcess, testBinary, testDir } from '../../../tests/support/test-run.ts';
import { until } from '../../../tests/support/until.ts';
import type { ProcessRef } from '../processes/process-ref.ts';
import { freePort } from '../servers/free-port.ts';
import { type NginxOptions, reloadNginx, startNginx, stopNginx } from '../servers/nginx.ts';
import { nginxConfiguration } from './nginx-configuration.ts';

/** A replica as far as Nginx can see one. */
interface Upstream {
  port: number;
  requests: IncomingMessage[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  server: Server;
}

async function upstream(answer: Upstream['answer']): Promise<Upstream> {
  const self: Upstream = { port: 0, requests: [], answer, server: createServer() };
  self.server.on('request', (incoming, response) => {
    self.requests.push(incoming);
    self.answer(incoming, response);
  });
  self.server.listen(0, '127.0.0.1');
  await once(self.server, 'listening');
  self.port = (self.server.address() as AddressInfo).port;
  return self;
}

const ok: Upstream['answer'] = (_request, response) => void response.end('ok');

describe('Nginx in front of the replicas', () => {
  const upstreams: Upstream[] = [];
  let nginx: ProcessRef | undefined;
  let options: NginxOptions;

  async function start(...replicas: Upstream[]): Promise<string> {
    upstreams.push(...replicas);
    // A folder with a space: clones live where people put them.
    const dir = join(testDir('nginx'), 'a b');
    const port = await freePort();
    options = {
      binary: testBinary('nginx'),
      dir,
      port,
      configuration: '',
      logFile: join(testDir('nginx-log'), 'error log'),
    };
    options.configuration = configuration(replicas);
    nginx = await startNginx({ ...options, onSpawn: guardProcess });
    return `http://127.0.0.1:${port}`;
  }

  function configuration(replicas: Upstream[]): string {
    return nginxConfiguration({
      httpPort: options.port,
      replicaPorts: replicas.map((replica) => replica.port),
      accessLog: `${options.logFile}.access`,
    });
  }

  afterEach(async () => {
    if (nginx !== undefined) await stopNginx(nginx);
    nginx = undefined;
    for (const { server } of upstreams.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  it('passes the correlation id on if it is a sound one, and makes one otherwise', async () => {
    const replica = await upstream(ok);
    const url = await start(replica);
    await fetch(url, { headers: { 'X-Correlation-Id': 'abc.DEF-1_2' } });
    await fetch(url, { headers: { 'X-Correlation-Id': 'not "sound"' } });
    await fetch(url);
    const ids = replica.requests.map((incoming) => incoming.headers['x-correlation-id']);
    expect(ids[0]).to.equal('abc.DEF-1_2');
    expect(ids[1]).to.match(/^[0-9a-f]{32}$/);
    expect(ids[2]).to.match(/^[0-9a-f]{32}$/);
    expect(replica.requests[0]?.headers['x-forwarded-for']).to.equal('127.0.0.1');
  });

  it('answers a problem document with Retry-After when no replica does', async () => {
    const dead = await upstream(ok);
    dead.server.close();
    const answer = await fetch(await start(dead), { headers: { 'X-Correlation-Id': 'mine' } });
    expect(answer.status).to.equal(502);
    expect(answer.headers.get('content-type')).to.equal('application/problem+json');
    expect(answer.headers.get('retry-after')).to.equal('2');
    expect(answer.headers.get('x-correlation-id')).to.equal('mine');
    expect(await answer.json()).to.include({ ...problemOf('bad_gateway'), correlation_id: 'mine' });
  });

  it('answers problem documents for what it refuses itself, in the words of the catalogue', async () => {
    const url = await start(await upstream(ok));
    const metrics = await fetch(`${url}/metrics`);
    expect([metrics.status, await metrics.json()]).to.deep.include(404);
    const large = await fetch(url, { method: 'POST', body: 'x'.repeat(1_100_000) });
    expect(await large.json()).to.include(problemOf('body_too_large'));
  });

  it('has no text of its own: every code in its snippets says what the catalogue says', () => {
    const snippet = readFileSync(new URL('../../../nginx/snippets/problems.conf', import.meta.url), 'utf8');
    const documents = [...snippet.matchAll(/return (\d+) '(\{.*\})';/g)].map(([, status, json]) => ({
      status: Number(status),
      ...JSON.parse(json ?? ''),
    }));
    expect(documents.map((document) => document.code)).to.have.members([
      'not_found',
      'body_too_large',
      'bad_gateway',
      'gateway_timeout',
    ]);
    for (const document of documents) expect(document).to.include(problemOf(document.code));
  });

  it('lets the errors of a replica through unchanged', async () => {
    const replica = await upstream(
      (_request, response) => void response.writeHead(503, { 'Retry-After': '9' }).end('from the replica'),
    );
    const answer = await fetch(await start(replica));
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).to.deep.equal([
      503,
      '9',
      'from the replica',
    ]);
  });

  it('goes on with the other replicas when one is dead, without one failed request', async () => {
    const dead = await upstream(ok);
    dead.server.close();
    const alive = [await upstream(ok), await upstream(ok)];
    const url = await start(dead, ...alive);
    const statuses = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        fetch(url, { method: index % 2 ? 'POST' : 'GET' }).then((answer) => answer.status),
      ),
    );
    expect(new Set(statuses)).to.deep.equal(new Set([200]));
  });

  it('repeats a GET on another replica when one breaks off, but never a POST', async () => {
    const breaksOff: Upstream['answer'] = (incoming) => void incoming.socket.destroy();
    const [first, second] = [await upstream(breaksOff), await upstream(breaksOff)];
    const url = await start(first, second);
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).to.equal(502);
    expect(first.requests.length + second.requests.length).to.equal(1);
    expect((await fetch(url)).status).to.equal(502);
    expect(first.requests.length + second.requests.length).to.equal(3);
  });

  it('passes WebSocket upgrades through', async () => {
    const replica = await upstream(ok);
    replica.server.on('upgrade', (incoming, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Url: ${incoming.url}\r\n\r\nhello`,
      );
    });
    const url = await start(replica);
    const upgrade = request(`${url}/ws?epoch=e&offset=3`, {
      headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
    }).end();
    const [answer, socket, head] = await once(upgrade, 'upgrade');
    expect(answer.headers['x-url']).to.equal('/ws?epoch=e&offset=3');
    if (head.length === 0) await once(socket, 'data');
    socket.destroy();
  });

  it('takes a new list of replicas without losing a request', async () => {
    const [old, added] = [await upstream(ok), await upstream(ok)];
    const url = await start(old);
    upstreams.push(added);
    options.configuration = configuration([added]);
    await reloadNginx(nginx as ProcessRef, options);
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
    const url = await start(await upstream(ok));
    const error = await reloadNginx(nginx as ProcessRef, { ...options, configuration: 'nonsense;' }).catch(
      (reason: Error) => reason.message,
    );
    expect(error).to.match(/does not accept its configuration[\s\S]*nonsense/);
    expect((await fetch(url)).status).to.equal(200);
  });
});

function problemOf(code: string): { code: string; type: string; status: number; title: string; detail: string } {
  return { code, type: `urn:weir:error:${code}`, ...ERROR_CATALOGUE[code as keyof typeof ERROR_CATALOGUE] };
}
