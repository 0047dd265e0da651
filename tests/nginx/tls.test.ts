import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import { execa } from 'execa';
import WebSocket from 'ws';
import { freePort } from '../../services/local/servers/free-port.ts';
import { NginxRig } from '../support/nginx/nginx-rig.ts';
import { answerOf, expectProblem } from '../support/nginx/problem-of.ts';
import { rawAnswer } from '../support/nginx/raw-answer.ts';
import { type Upstream, upstream, withSockets } from '../support/nginx/upstream.ts';
import { testDir } from '../support/test-run.ts';

const PUBLIC_PORT = 443;

describe('Nginx with a certificate', () => {
  let replica: Upstream;
  let rig: NginxRig;
  let port: number;
  let ca: Buffer;

  before(async () => {
    const dir = testDir('tls');
    const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'certificate.pem')];
    const self = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '7', '-subj', '/CN=localhost'];
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    await execa('openssl', ['req', ...self, ...names, '-keyout', key, '-out', certificate]);
    ca = readFileSync(certificate);
    replica = withSockets(await upstream(), 'first');
    port = await freePort();
    rig = await NginxRig.start([replica], {
      WEIR_NGINX_SCHEME: 'https',
      WEIR_NGINX_TLS_LISTEN: `127.0.0.1:${port}`,
      WEIR_NGINX_TLS_PUBLIC_PORT: String(PUBLIC_PORT),
      WEIR_NGINX_TLS_CERTIFICATE: certificate,
      WEIR_NGINX_TLS_KEY: key,
    });
  });
  after(() => rig?.close());
  beforeEach(() => {
    replica.requests.length = 0;
  });

  async function overHttp2(headers: Record<string, string>) {
    const session = connect(`https://127.0.0.1:${port}`, { ca });
    try {
      const request = session.request(headers);
      const body = text(request);
      const [answer] = (await once(request, 'response')) as [Record<string, string | number>];
      return { protocol: session.alpnProtocol, answer, body: await body };
    } finally {
      session.close();
    }
  }

  it('speaks HTTP/2, tells browsers to stay with TLS, and replicas what the client spoke', async () => {
    const { protocol, answer, body } = await overHttp2({ ':path': '/api/v1/runs' });
    expect([protocol, answer[':status'], body]).to.deep.equal(['h2', 200, 'ok']);
    expect(answer).to.include({ 'strict-transport-security': 'max-age=31536000', server: 'nginx' });
    expect(replica.requests[0]?.headers).to.include({ 'x-forwarded-proto': 'https' });
  });

  it('says so in its own answers too', async () => {
    replica.close();
    const { answer } = await overHttp2({ ':path': '/api/v1/runs' });
    await replica.reopen();
    expect(answer).to.include({ ':status': 503, 'strict-transport-security': 'max-age=31536000' });
  });

  it('takes no protocol that is broken', async () => {
    const version = async (maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') => {
      const socket = connectTls({
        port,
        host: '127.0.0.1',
        ca,
        minVersion: 'TLSv1',
        maxVersion,
        ciphers: 'ALL:@SECLEVEL=0',
      });
      const failed = once(socket, 'error').then(() => 'refused');
      const outcome = await Promise.race([once(socket, 'secureConnect').then(() => socket.getProtocol()), failed]);
      socket.destroy();
      return outcome;
    };
    expect(await version('TLSv1.3')).to.equal('TLSv1.3');
    expect(await version('TLSv1.2')).to.equal('TLSv1.2');
    expect(await version('TLSv1.1')).to.equal('refused');
  });

  it('carries sockets', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${port}/ws`, { ca });
    socket.on('error', () => {});
    const [answer] = await once(socket, 'upgrade');
    expect(answer.headers).to.include({ 'x-replica': 'first' });
    socket.terminate();
  });

  it('sends plain requests to the TLS port, with method and body, and answers health checks as they come', async () => {
    const moved = await fetch(`${rig.url}/api/v1/trigger?a=1`, { method: 'POST', body: 'x', redirect: 'manual' });
    const target = `https://127.0.0.1:${PUBLIC_PORT}/api/v1/trigger?a=1`;
    expect([moved.status, moved.headers.get('location')]).to.deep.equal([308, target]);
    expect(moved.headers.get('strict-transport-security'), 'browsers must not believe it here').to.equal(null);
    expect(replica.requests).to.have.length(0);
    for (const path of ['/health', '/ready']) expect((await fetch(rig.url + path)).status, path).to.equal(200);
    const plain = await rawAnswer(`http://127.0.0.1:${port}`, 'GET /console/ HTTP/1.1\r\nHost: weir\r\n\r\n');
    expect([plain?.status, plain?.headers.get('location')]).to.deep.equal([
      308,
      `https://weir:${PUBLIC_PORT}/console/`,
    ]);
  });

  it('answers plain health checks with a problem when nobody is there', async () => {
    replica.close();
    expectProblem(await answerOf(await fetch(`${rig.url}/ready`)), 'no_replica', { retryAfterSeconds: 2 });
    await replica.reopen();
  });
});
