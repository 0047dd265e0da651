import { expect } from 'chai';
import { statuspageSummarySchema, systemStatusSchema } from '../../../../shared/protocol/http.ts';
import { type ApiCluster, type ApiReplica, apiCluster } from '../../../../tests/support/api/api-cluster.ts';
import { type PrivateRedis, startRedis } from '../../../../tests/support/redis.ts';

describe('the status of the service', () => {
  let server: PrivateRedis;
  let cluster: ApiCluster;
  let replica: ApiReplica;

  before(async () => {
    server = await startRedis();
    cluster = await apiCluster({ redisUrl: server.url });
    replica = await cluster.addReplica();
  });
  after(async () => {
    await cluster.close();
    await server.stop();
  });

  const read = (path: string, headers: Record<string, string> = {}) => replica.http('GET', path, { headers });
  /** What replicas ask of Redis: scripts, and the windows of the history. */
  const commands = async () => {
    const info = await cluster.redis.connections.command.info('commandstats');
    const counted = [...info.matchAll(/cmdstat_(\w+(?:\|\w+)?):calls=(\d+)/g)].filter(
      ([, name]) => name === 'evalsha' || name === 'hvals',
    );
    return counted.reduce((sum, [, , calls]) => sum + Number(calls), 0);
  };

  it('costs Redis at most 4 reads a second, however many ask for it and in which form', async () => {
    await read('/status');
    const paths = ['/api/v1/system/status', '/api/v1/system/summary.json', '/status', '/status/feed.rss'];
    const [before, begun] = [await commands(), performance.now()];
    let asked = 0;
    while (performance.now() - begun < 3_000) {
      const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => read(paths[n % paths.length] ?? '')));
      expect(answers.every(({ status }) => status === 200)).to.equal(true);
      asked += answers.length;
    }
    const seconds = (performance.now() - begun) / 1_000;
    const reads = (await commands()) - before;
    expect(asked).to.be.at.least(100);
    // Half a read for the settling of features every 5 s, which is there without anybody asking.
    expect(reads / seconds, `${reads} reads in ${seconds} s for ${asked} requests`).to.be.at.most(4);
  });

  it('is a page of its own files under a policy that allows nothing else', async () => {
    const page = await read('/status');
    expect(page.headers['content-type']).to.equal('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).to.include("script-src 'self'").and.not.include('unsafe');
    for (const [path, type] of [
      ['/status/style.css', 'text/css'],
      ['/status/script.js', 'text/javascript'],
    ] as const) {
      expect(page.text).to.include(path);
      const file = await read(path);
      expect([file.status, file.headers['content-type']]).to.deep.equal([200, `${type}; charset=utf-8`]);
    }
  });

  it('is there for programs, with the address that was asked for and nothing else from a header', async () => {
    expect(systemStatusSchema.parse((await read('/api/v1/system/status')).body).components).to.have.length(6);
    const summary = async (headers: Record<string, string>) =>
      statuspageSummarySchema.parse((await read('/api/v1/system/summary.json', headers)).body).page.url;
    expect(await summary({ Host: 'weir.example', 'X-Forwarded-Proto': 'https' })).to.equal(
      'https://weir.example/status',
    );
    expect(await summary({ Host: 'weir.example/evil"><' })).to.equal('/status');
    const feed = await read('/status/feed.rss', { Host: 'weir.example' });
    expect(feed.headers['content-type']).to.equal('application/rss+xml; charset=utf-8');
    expect(feed.text).to.include('<link>http://weir.example/status</link>');
  });
});
