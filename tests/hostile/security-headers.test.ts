import { expect } from 'chai';
import { Stage } from '../support/cluster/stage.ts';
import { openSocket } from '../support/nginx/open-socket.ts';
import { rawAnswer } from '../support/nginx/raw-answer.ts';

const HOST = 'Host: weir\r\nConnection: close\r\n';

describe('security headers', function () {
  this.timeout(90_000);
  let stage: Stage;
  before(async () => {
    stage = await Stage.open({ replicas: 1 });
  });
  after(async () => {
    await stage?.close();
  });

  const expectSafe = (headers: Headers, what: string): void => {
    expect(headers.get('x-content-type-options'), what).to.equal('nosniff');
    expect(headers.get('x-frame-options'), what).to.equal('DENY');
    expect(headers.get('referrer-policy'), what).to.equal('no-referrer');
    expect(headers.get('cross-origin-resource-policy'), what).to.equal('same-origin');
    expect(headers.get('content-security-policy'), what).to.match(/^default-src 'none'; ?.*frame-ancestors 'none'$/);
    expect(headers.get('x-powered-by'), what).to.equal(null);
    expect(headers.get('server') ?? 'nginx', what).to.equal('nginx');
    expect(headers.get('access-control-allow-origin'), what).to.equal(null);
    // Of a plain connection; whoever ends TLS says it (nginx/snippets/maps.conf).
    expect(headers.get('strict-transport-security'), what).to.equal(null);
  };

  it('are on every kind of answer, whoever gives it', async () => {
    const { nginxUrl } = stage.cluster;
    const { url } = stage.replica(1);
    const token = await stage.cluster.token('alice');
    const paths: Array<[string, number]> = [
      ['/', 200],
      ['/health', 200],
      ['/api/v1/runs', 200],
      ['/api/v1/system/status', 200],
      ['/api/v1/openapi.json', 200],
      ['/api/v1/docs', 200],
      ['/status', 200],
      ['/status/style.css', 200],
      ['/status/script.js', 200],
      ['/status/feed.rss', 200],
      ['/console/', 200],
      ['/console/runs/x', 200],
      ['/console/none.js', 404],
      ['/api/v1/runs/nonsense', 400],
      ['/api/v1/admin/capacity', 403],
      ['/nowhere', 404],
      ['/metrics', 404],
    ];
    for (const door of [nginxUrl, url])
      for (const [path, status] of paths) {
        const answer = await fetch(`${door}${path}`, { headers: { Authorization: `Bearer ${token}` } });
        await answer.arrayBuffer();
        expect(answer.status, `${door}${path}`).to.equal(status);
        expectSafe(answer.headers, `${door}${path}`);
      }
    const assets = /\/console\/assets\/[^"]+/.exec(await (await fetch(`${nginxUrl}/console/`)).text())?.[0] ?? '';
    for (const door of [nginxUrl, url]) expectSafe((await fetch(`${door}${assets}`)).headers, `${door}${assets}`);
  });

  it('are on what is refused before there is a request, and on handshakes that are', async () => {
    for (const door of [stage.cluster.nginxUrl, stage.replica(1).url]) {
      for (const bytes of [
        'nonsense\r\n\r\n',
        `GET /${'x'.repeat(40_000)} HTTP/1.1\r\n${HOST}\r\n`,
        `OPTIONS /api/v1/runs HTTP/1.1\r\n${HOST}\r\n`,
      ]) {
        const answer = await rawAnswer(door, bytes, { withinMs: 10_000 });
        expectSafe(answer?.headers ?? new Headers(), `${door} ${bytes.slice(0, 20)}`);
      }
      const { status, headers } = await openSocket(door);
      expect(status).to.equal(401);
      expectSafe(
        new Headers(Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])),
        `${door} /ws`,
      );
    }
  });

  it('are on what Nginx says while no replica is there', async () => {
    await stage.replica(1).stop();
    try {
      const answer = await fetch(`${stage.cluster.nginxUrl}/api/v1/runs`);
      expect(answer.status).to.be.within(502, 504);
      expectSafe(answer.headers, 'no replica');
      for (const path of ['/status', '/console/'])
        expectSafe((await fetch(`${stage.cluster.nginxUrl}${path}`)).headers, path);
    } finally {
      await stage.replica(1).start();
    }
  });
});
