import { expect } from 'chai';
import { historyAnswerSchema, uptimeAnswerSchema } from '../../../../shared/protocol/http.ts';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../../tests/support/api/api-cluster.ts';
import { quietSample } from '../../../../tests/support/sample.ts';

describe('the past of the service', () => {
  let cluster: ApiCluster;
  let replica: ApiReplica;

  before(async () => {
    cluster = await apiCluster();
    replica = await cluster.addReplica();
    await replica.database.samples.store([quietSample(Date.now() - 60_000, { requests: 2, latency: [2] })]);
  });
  after(() => cluster.close());

  it('is read by administrators as points of the last hour or of a range', async () => {
    const root = await token('root', 'admin');
    const { points } = historyAnswerSchema.parse(
      (await replica.http('GET', '/api/v1/admin/history', { token: root })).body,
    );
    expect(points.some(({ requests }) => requests === 2)).to.equal(true);
    const far = '/api/v1/admin/history?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z&step=5';
    expect((await replica.http('GET', far, { token: root })).body.points).to.deep.equal([]);
    const turned = '/api/v1/admin/history?from=2020-02-01T00:00:00Z&to=2020-01-01T00:00:00Z';
    expect((await replica.http('GET', turned, { token: root })).body.code).to.equal('validation_failed');
    expect((await replica.http('GET', '/api/v1/admin/history', { token: await token('ann') })).status).to.equal(403);
  });

  it('is public as uptime per component and day', async () => {
    const { components } = uptimeAnswerSchema.parse((await replica.http('GET', '/api/v1/system/uptime?days=2')).body);
    expect(components.map(({ name, days }) => [name, days.length])).to.deep.include(['postgres', 2]);
    expect(components[0]?.uptime_ratio).to.equal(1);
  });
});
