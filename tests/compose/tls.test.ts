import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import WebSocket from 'ws';
import { stackOfThisRun } from './stack.ts';

describe('the composed product with a certificate', () => {
  const stack = stackOfThisRun();
  let ca: Buffer;

  before(async () => {
    const dir = join(stack.dir, 'tls');
    mkdirSync(dir, { recursive: true });
    const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'certificate.pem')];
    // The command of docs/operations/compose.md.
    const self = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '7', '-subj', '/CN=localhost'];
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    await execa('openssl', ['req', ...self, ...names, '-keyout', key, '-out', certificate]);
    await execa('chmod', ['644', key]);
    ca = readFileSync(certificate);
    await stack.compose(['up', '-d', '--wait'], { WEIR_NGINX_SCHEME: 'https', WEIR_TLS_DIR: dir });
  });
  after(() => stack.compose(['up', '-d', '--wait']));

  it('speaks HTTP/2 on the TLS port, and tells browsers to stay there', async () => {
    const session = connect(`https://127.0.0.1:${stack.ports.https}`, { ca });
    try {
      const request = session.request({ ':path': '/health' });
      request.resume();
      const [headers] = (await once(request, 'response')) as [Record<string, string | number>];
      expect(session.alpnProtocol).to.equal('h2');
      expect(headers).to.include({ ':status': 200, 'strict-transport-security': 'max-age=31536000' });
      expect(headers['x-replica']).to.be.a('string');
    } finally {
      session.close();
    }
  });

  it('sends plain requests there, and still answers health checks without TLS', async () => {
    const moved = await fetch(`${stack.url}/console/?a=1`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).to.deep.equal([
      308,
      `https://127.0.0.1:${stack.ports.https}/console/?a=1`,
    ]);
    expect((await fetch(`${stack.url}/health`)).status).to.equal(200);
  });

  it('carries live connections', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${stack.ports.https}/ws`, {
      ca,
      headers: { Authorization: `Bearer ${await stack.token('tess')}` },
    });
    try {
      const [text] = (await once(socket, 'message')) as [Buffer];
      expect(JSON.parse(String(text))).to.include({ type: 'SNAPSHOT' });
    } finally {
      socket.terminate();
    }
  });
});
