import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import express from 'express';
import { testDir } from '../../../tests/support/test-run.ts';
import { CONSOLE_POLICY, consoleFiles } from './console-files.ts';

describe('the files of the console', () => {
  let server: Server;
  let base: string;

  before(async () => {
    const folder = testDir('console');
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Weir</title>');
    writeFileSync(join(folder, 'assets/index-abc.js'), 'export {};');
    writeFileSync(join(folder, '../secret.txt'), 'secret');
    const app = express();
    app.use('/console', consoleFiles(folder));
    app.use((_request, response) => void response.status(404).send('next'));
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('answer every page of it with the one document, never kept, under a policy that allows only its own', async () => {
    for (const path of ['/console', '/console/', '/console/runs/01a1-x', '/console/operations/queue']) {
      const answer = await fetch(base + path);
      expect([answer.status, await answer.text()], path).to.deep.equal([200, '<!doctype html><title>Weir</title>']);
      expect(answer.headers.get('cache-control')).to.equal('no-cache');
      expect(answer.headers.get('content-security-policy')).to.equal(CONSOLE_POLICY);
    }
  });

  it('may be kept for ever where their name says their content', async () => {
    const answer = await fetch(`${base}/console/assets/index-abc.js`);
    expect(answer.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
    expect(answer.headers.get('content-type')).to.match(/javascript/);
  });

  it('leave to others what is not theirs', async () => {
    for (const path of ['/console/assets/gone.js', '/console/gone.png', '/console/..%2fsecret.txt', '/elsewhere'])
      expect([path, (await fetch(base + path)).status]).to.deep.equal([path, 404]);
  });
});
