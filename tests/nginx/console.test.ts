import { mkdirSync, writeFileSync } from 'node:fs';
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import express from 'express';
import { consoleFiles } from '../../services/api/http/console-files.ts';
import { NginxRig } from '../support/nginx/nginx-rig.ts';
import { type Upstream, upstream } from '../support/nginx/upstream.ts';
import { testDir } from '../support/test-run.ts';

const DOCUMENT = `<!doctype html><title>Weir</title>${'<!-- long enough to be packed -->'.repeat(50)}`;
const SCRIPT = `export const a = 'ä';${'// long enough to be packed\n'.repeat(50)}`;
const FILES = ['/console/assets/index-a1b2.js', '/console/assets/index-c3d4.css', '/console/favicon.svg'];
const PAGES = ['/console', '/console/', '/console/index.html', '/console/runs/01a1-x', '/console/operations/queue'];
const MISSING = ['/console/assets/gone.js', '/console/assets/', '/console/gone.png'];
/** What a browser goes by. */
const TELLING = [
  'content-type',
  'content-length',
  'cache-control',
  'content-security-policy',
  'x-content-type-options',
  'referrer-policy',
];

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function ask(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { headers, agent: false }, (answer: IncomingMessage) => {
      buffer(answer).then((body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }), reject);
    });
    sent.on('error', reject);
  });
}

describe('the console through Nginx', () => {
  let replica: Upstream;
  let direct: string;
  let fromFolder: NginxRig;
  let fromReplicas: NginxRig;

  before(async () => {
    const folder = testDir('console "with" spaces');
    mkdirSync(`${folder}/assets`);
    writeFileSync(`${folder}/index.html`, DOCUMENT);
    writeFileSync(`${folder}/assets/index-a1b2.js`, SCRIPT);
    writeFileSync(`${folder}/assets/index-c3d4.css`, 'body { margin: 0 }');
    writeFileSync(`${folder}/favicon.svg`, '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(`${folder}/../secret.txt`, 'secret');
    const app = express();
    app.use('/console', consoleFiles(folder));
    replica = await upstream((request, response) => void app(request, response));
    direct = `http://127.0.0.1:${replica.port}`;
    fromFolder = await NginxRig.start([replica], { WEIR_NGINX_CONSOLE: 'files' }, { consoleFolder: folder });
    fromReplicas = await NginxRig.start([replica], { WEIR_NGINX_CONSOLE: 'replicas' });
  });
  after(async () => {
    await fromFolder?.close();
    await fromReplicas?.close();
  });

  const telling = ({ status, headers, body }: Answer) => ({
    status,
    headers: Object.fromEntries(TELLING.map((name) => [name, headers[name]])),
    body: body.toString(),
  });

  it('is the same whoever serves it, Nginx from its folder or a replica: status, what browsers go by, content', async () => {
    for (const path of [...PAGES, ...FILES]) {
      const expected = telling(await ask(direct + path));
      expect(expected.status, path).to.equal(200);
      replica.requests.length = 0;
      expect(telling(await ask(fromFolder.url + path)), path).to.deep.equal(expected);
      expect(replica.requests, `${path} was asked for at a replica`).to.have.length(0);
      expect(telling(await ask(fromReplicas.url + path)), path).to.deep.equal(expected);
    }
  });

  it('has nothing beyond its files: a missing one is a problem document, not the page', async () => {
    for (const path of MISSING) {
      const answer = await ask(fromFolder.url + path);
      expect([path, answer.status, answer.headers['content-type']]).to.deep.equal([
        path,
        404,
        'application/problem+json',
      ]);
      expect(answer.headers['cache-control'], path).to.equal('no-store');
      expect((await ask(direct + path)).status, path).to.equal(404);
    }
    for (const path of [
      '/console/..%2fsecret.txt',
      '/console/assets/..%2f..%2fsecret.txt',
      '/console/%2e%2e/secret.txt',
    ])
      expect([path, (await ask(fromFolder.url + path)).status]).to.deep.equal([path, 404]);
  });

  it('is packed for who can unpack it', async () => {
    for (const { url } of [fromFolder, fromReplicas]) {
      for (const [path, content] of [
        [FILES[0], SCRIPT],
        ['/console/', DOCUMENT],
      ] as const) {
        const packed = await ask(url + path, { 'Accept-Encoding': 'gzip' });
        expect(packed.headers).to.include({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
        expect(packed.body.length).to.be.lessThan(content.length / 3);
        expect(gunzipSync(packed.body).toString()).to.equal(content);
      }
    }
  });

  it('is not sent again when the browser still has it', async () => {
    for (const { url } of [fromFolder, fromReplicas]) {
      const { etag } = (await ask(`${url}/console/`)).headers;
      const again = await ask(`${url}/console/`, { 'If-None-Match': etag ?? 'none' });
      expect([again.status, again.headers['cache-control']]).to.deep.equal([304, 'no-cache']);
    }
  });

  it('takes nothing: another method is a problem document', async () => {
    const answer = await fetch(`${fromFolder.url}/console/index.html`, { method: 'POST', body: 'x' });
    expect([answer.status, answer.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD']);
    expect(await answer.json()).to.include({ code: 'method_not_allowed' });
  });

  it('loads from the folder of Nginx while no replica is there', async () => {
    const none = await upstream();
    none.close();
    const folder = testDir('console');
    writeFileSync(`${folder}/index.html`, DOCUMENT);
    const rig = await NginxRig.start([none], { WEIR_NGINX_CONSOLE: 'files' }, { consoleFolder: folder });
    expect((await ask(`${rig.url}/console/runs`)).body.toString()).to.equal(DOCUMENT);
    expect((await ask(`${rig.url}/api/v1/runs`)).status).to.equal(503);
    await rig.close();
  });
});
