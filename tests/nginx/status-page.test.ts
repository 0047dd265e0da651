import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { STATUS_PAGE_POLICY } from '../../services/api/http/status-page/page.ts';
import { StatusSnapshot } from '../../services/api/http/status-page/snapshot.ts';
import { sampleStanding } from '../support/api/standing.ts';
import { NginxRig } from '../support/nginx/nginx-rig.ts';
import { silent, type Upstream, upstream } from '../support/nginx/upstream.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { testDir } from '../support/test-run.ts';

const SENTENCE = 'As of 14:02 UTC on 2026-01-01, live data unavailable';

describe('the status page through Nginx', () => {
  let replicas: Upstream[];
  let rig: NginxRig;
  let folder: string;

  beforeEach(async () => {
    replicas = [await upstream(), await upstream()];
    folder = join(testDir('status-page'), 'left "here"');
    await new StatusSnapshot({
      board: { standing: async () => sampleStanding() },
      folder,
      publicUrl: '',
      log: recordedLog(),
    }).write();
    rig = await NginxRig.start(replicas, { WEIR_NGINX_ANSWER_TIMEOUT: '300ms' }, { statusPageFolder: folder });
  });
  afterEach(() => rig.close());

  const ask = async (path: string, method = 'GET') => {
    const answer = await fetch(`${rig.url}${path}`, { method });
    return {
      status: answer.status,
      type: answer.headers.get('content-type'),
      headers: answer.headers,
      text: await answer.text(),
    };
  };
  const down = () => {
    for (const replica of replicas) replica.close();
  };

  it('is that of the replicas while one of them answers', async () => {
    replicas[0]?.close();
    for (const path of ['/status', '/status/style.css', '/api/v1/system/status', '/api/v1/system/summary.json'])
      for (let n = 0; n < 6; n++) expect(await ask(path)).to.include({ status: 200, text: 'ok' });
  });

  it('is what was left on disk when none does, says so, and never that all is well', async () => {
    down();
    const page = await ask('/status');
    expect(page).to.include({ status: 200, type: 'text/html; charset=utf-8' });
    expect(page.text)
      .to.include(SENTENCE)
      .and.not.match(/All systems/);
    expect(page.headers.get('content-security-policy')).to.equal(STATUS_PAGE_POLICY);
    expect(page.headers.get('cache-control')).to.equal('no-store');
    const status = await ask('/api/v1/system/status');
    expect(status.type).to.match(/^application\/json/);
    expect(JSON.parse(status.text)).to.include({ status: 'Down', message: SENTENCE });
    const summary = await ask('/api/v1/system/summary.json');
    expect(JSON.parse(summary.text).status).to.deep.equal({ indicator: 'critical', description: SENTENCE });
    for (const [path, type] of [
      ['/status/style.css', 'text/css; charset=utf-8'],
      ['/status/script.js', 'text/javascript; charset=utf-8'],
      ['/status/feed.rss', 'application/rss+xml; charset=utf-8'],
    ] as const)
      expect(await ask(path)).to.include({ status: 200, type });
    expect((await ask('/status', 'HEAD')).status).to.equal(200);
  });

  it('is what was left also when replicas are frozen, and live again as soon as one is back', async () => {
    for (const replica of replicas) replica.answer = silent;
    expect((await ask('/status')).text).to.include(SENTENCE);
    down();
    expect((await ask('/status')).text).to.include(SENTENCE);
    const [first] = replicas;
    if (first === undefined) throw new Error('no replica');
    first.answer = (_request, response) => void response.end('ok');
    await first.reopen();
    expect((await ask('/status')).text).to.equal('ok');
  });

  it('is a problem like everywhere when nothing was left; no other address is answered from the folder', async () => {
    down();
    for (const path of ['/status/stale.html', '/status/', '/status/../stale.html', '/api/v1/incidents', '/stale.html'])
      expect((await ask(path)).status, path).to.equal(503);
    await rm(folder, { recursive: true });
    for (const path of ['/status', '/api/v1/system/status']) {
      const answer = await ask(path);
      expect(answer, path).to.include({ status: 503, type: 'application/problem+json' });
      expect(JSON.parse(answer.text).code).to.equal('no_replica');
    }
  });
});
