import { expect } from 'chai';
import type { ControlMessage, ReplicaReport } from '../../../../redis/results.ts';
import { runAnswerSchema } from '../../../../shared/protocol/http.ts';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../../tests/support/api/api-cluster.ts';
import { storeWorkflow } from '../../../../tests/support/api/store-workflow.ts';
import { until } from '../../../../tests/support/until.ts';

describe('orders to replicas and to the queue', () => {
  let cluster: ApiCluster;
  let replica: ApiReplica;
  let root: string;
  let ann: string;

  beforeEach(async () => {
    cluster = await apiCluster({ limits: { max_workflows: 0 } });
    replica = await cluster.addReplica();
    [root, ann] = await Promise.all([token('root', 'admin'), token('ann')]);
  });
  afterEach(() => cluster.close());

  const report = (id: string, but: Partial<ReplicaReport> = {}) =>
    cluster.redis.cluster.report({
      id,
      version: '1',
      roles: ['api', 'worker'],
      sockets: 0,
      runs: 0,
      eventLoopDelayMs: 0,
      redisLatencyMs: 0,
      ...but,
    });
  const drain = (id: string, query = '', who = root) =>
    replica.http('POST', `/api/v1/admin/replicas/${id}/drain${query}`, { token: who });

  it('tells that replica, and no other, to end', async () => {
    await Promise.all([report('r1'), report('r2')]);
    const heard: ControlMessage[] = [];
    cluster.redis.channels.onControl((message) => heard.push(message));
    const answer = await drain('r1');
    expect([answer.status, answer.body]).to.deep.equal([202, { replica: 'r1', draining: true }]);
    await until(() => heard.length > 0, { timeoutMs: 5_000, what: 'the order' });
    expect(heard).to.deep.equal([{ kind: 'drain', replica: 'r1' }]);
  });

  it('does not end the last one that can do something, unless told to all the same', async () => {
    await Promise.all([report('r1'), report('r2', { roles: ['api'] }), report('r3', { draining: true })]);
    expect((await drain('r1')).body.code).to.equal('last_replica');
    expect((await drain('r1', '?force=true')).status).to.equal(202);
    expect((await drain('r2')).status).to.equal(202);
    expect((await drain('gone')).body.code).to.equal('replica_not_found');
    expect((await drain('r2', '', ann)).status).to.equal(403);
    const { body } = await replica.http('GET', '/api/v1/admin/capacity', { token: root });
    const draining = body.replicas.map((one: { id: string; draining: boolean }) => [one.id, one.draining]);
    expect(draining).to.have.deep.members([
      ['r1', false],
      ['r2', false],
      ['r3', true],
    ]);
  });

  it('puts a waiting run before others at once, for its owner and for everybody who looks', async () => {
    const workflow_id = await storeWorkflow(replica, 'nap');
    const ids: string[] = [];
    for (let n = 0; n < 3; n++)
      ids.push((await replica.http('POST', '/api/v1/trigger', { token: ann, body: { workflow_id } })).body.run_id);
    const patch = (id: string, body: unknown, who = root) =>
      replica.http('PATCH', `/api/v1/runs/${id}`, { token: who, body });
    const moved = await patch(ids[2] ?? '', { priority: 'high' });
    expect(runAnswerSchema.parse(moved.body)).to.deep.include({ priority: 'high', status: 'queued' });
    expect(moved.body.queue.position).to.equal(1);
    const queue = await replica.http('GET', '/api/v1/queue', { token: ann });
    const order = queue.body.items.map((item: { run_id: string; priority: string }) => [item.run_id, item.priority]);
    expect(order).to.deep.equal([
      [ids[2], 'high'],
      [ids[0], 'normal'],
      [ids[1], 'normal'],
    ]);
    expect((await patch(ids[0] ?? '', { priority: 'high' }, ann)).status).to.equal(403);
    expect((await patch(ids[0] ?? '', { priority: 'top' })).body.code).to.equal('validation_failed');
    await replica.http('POST', `/api/v1/runs/${ids[0]}/cancel`, { token: ann });
    expect((await patch(ids[0] ?? '', { priority: 'low' })).body.code).to.equal('run_not_queued');
    expect((await patch('0198c0de-0000-7000-8000-000000000000', { priority: 'low' })).body.code).to.equal(
      'run_not_found',
    );
  });
});
