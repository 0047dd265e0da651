import { expect } from 'chai';
import { readyAnswerSchema, systemStatusSchema } from '../../../../shared/protocol/http.ts';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../../tests/support/api/api-cluster.ts';
import { httpClient } from '../../../../tests/support/api/http-client.ts';

describe('pages about the service', () => {
  let cluster: ApiCluster;
  let replica: ApiReplica;

  before(async () => {
    cluster = await apiCluster();
    replica = await cluster.addReplica();
  });
  after(() => cluster.close());

  it('GET / tells where to go', async () => {
    const { body } = await replica.http('GET', '/');
    expect(body).to.include({ name: 'weir', version: '0.0.0-test' });
    for (const link of ['/api/v1/docs', '/api/v1/openapi.json', '/api/v1/system/status', '/health', '/ready']) {
      expect(Object.values(body.links)).to.include(link);
      expect((await replica.http('GET', link)).status, link).to.equal(200);
    }
  });

  it('GET /health needs no token and no dependency', async () => {
    expect((await replica.http('GET', '/health')).body).to.include({ status: 'ok', replica: 'api-1' });
  });

  it('GET /ready names the parts', async () => {
    const { status, body } = await replica.http('GET', '/ready');
    expect(status).to.equal(200);
    expect(readyAnswerSchema.parse(body)).to.deep.equal({
      status: 'ready',
      replica: 'api-1',
      draining: false,
      parts: { postgres: 'up', redis: 'up' },
    });
  });

  it('GET /api/v1/system/status is public and read at most once a second', async () => {
    const first = await replica.http('GET', '/api/v1/system/status');
    expect(systemStatusSchema.parse(first.body).capacity).to.include({
      level: 'normal',
      max_users: 25,
      max_workflows: 10,
    });
    const second = await replica.http('GET', '/api/v1/system/status');
    expect(second.body.at).to.equal(first.body.at);
  });

  it('GET /metrics is on the internal port only', async () => {
    const internal = httpClient(replica.internalUrl);
    const metrics = await internal('GET', '/metrics');
    expect(metrics.headers['content-type']).to.match(/^text\/plain/);
    expect(metrics.text).to.include('weir_http_request_duration_seconds_bucket');
    expect((await replica.http('GET', '/metrics')).status).to.equal(404);
    expect((await internal('GET', '/ready')).status).to.equal(200);
    expect((await internal('POST', '/api/v1/trigger')).status).to.equal(404);
  });

  it('POST /api/v1/ws-ticket gives a ticket that lets its owner in, once', async () => {
    const { status, body } = await replica.http('POST', '/api/v1/ws-ticket', { token: await token('ann', 'admin') });
    expect([status, body.expires_in_seconds]).to.deep.equal([201, 30]);
    expect(await cluster.redis.tickets.redeem(body.ticket)).to.include({ userId: 'ann', role: 'admin' });
    expect(await cluster.redis.tickets.redeem(body.ticket)).to.equal(null);
    expect((await replica.http('POST', '/api/v1/ws-ticket')).status).to.equal(401);
  });

  it('turns to not ready while it drains, and goes on serving', async () => {
    const draining = await apiCluster({ drainSeconds: 30 });
    const leaving = await draining.addReplica();
    const stopping = leaving.api.readiness.stop();
    const { status, body } = await leaving.http('GET', '/ready');
    expect([status, body.status, body.draining]).to.deep.equal([503, 'not_ready', true]);
    expect((await leaving.http('GET', '/health')).status).to.equal(200);
    expect((await leaving.http('GET', '/api/v1/system/status')).status).to.equal(200);
    leaving.api.readiness.cutShort();
    await stopping;
    await draining.close();
  });
});
