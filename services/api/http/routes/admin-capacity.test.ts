import { expect } from 'chai';
import { TEST_LIMITS } from '../../../../redis/clocked-store.ts';
import { capacityAnswerSchema } from '../../../../shared/protocol/http.ts';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../../tests/support/api/api-cluster.ts';
import { storeWorkflow } from '../../../../tests/support/api/store-workflow.ts';

const PATH = '/api/v1/admin/capacity';

describe('/api/v1/admin/capacity', () => {
  let cluster: ApiCluster;
  let one: ApiReplica;
  let two: ApiReplica;
  let admin: string;

  beforeEach(async () => {
    cluster = await apiCluster();
    [one, two] = [await cluster.addReplica(), await cluster.addReplica()];
    admin = await token('root', 'admin');
  });
  afterEach(() => cluster.close());

  const patch = (body: unknown, who = admin) => one.http('PATCH', PATH, { token: who, body });

  it('shows limits, level, usage and replicas', async () => {
    await cluster.redis.users.join('r1', ['ann', 'bob']);
    await cluster.redis.cluster.report({
      id: 'r1',
      version: '1.0.0',
      roles: ['api'],
      sockets: 2,
      runs: 0,
      eventLoopDelayMs: 1,
      redisLatencyMs: 0.5,
    });
    const answer = await one.http('GET', PATH, { token: admin });
    expect(capacityAnswerSchema.parse(answer.body)).to.deep.include({
      limits: TEST_LIMITS,
      level: 'normal',
      active_users: 2,
      active_workflows: 0,
      queue_length: 0,
      leader: null,
    });
    expect(answer.body.replicas).to.deep.equal([
      {
        id: 'r1',
        version: '1.0.0',
        roles: ['api'],
        sockets: 2,
        runs: 0,
        event_loop_delay_ms: 1,
        redis_latency_ms: 0.5,
        draining: false,
      },
    ]);
  });

  it('is for admins only, to read and to change', async () => {
    const user = await token('ann');
    expect((await one.http('GET', PATH, { token: user })).body).to.include({ status: 403, code: 'forbidden' });
    expect((await patch({ max_users: 1 }, user)).body).to.include({ status: 403, code: 'forbidden' });
    expect((await one.http('GET', PATH)).status).to.equal(401);
  });

  it('changes what is named and nothing else, for all replicas at once, and for good', async () => {
    const answer = await patch({ max_workflows: 3, queue_timeout_seconds: 12.5 });
    expect(answer.body.limits).to.deep.equal({ ...TEST_LIMITS, max_workflows: 3, queue_timeout_seconds: 12.5 });
    expect((await two.http('GET', PATH, { token: admin })).body.limits).to.deep.equal(answer.body.limits);
    expect(await one.database.settings.getLimits()).to.deep.equal({ max_workflows: 3, queue_timeout_seconds: 12.5 });
  });

  it('is obeyed by the very next start on another replica', async () => {
    const workflowId = await storeWorkflow(one);
    const ann = await token('ann');
    const start = async () =>
      (await two.http('POST', '/api/v1/trigger', { token: ann, body: { workflow_id: workflowId } })).body;
    expect((await start()).queue).to.equal(null);
    await patch({ max_workflows: 1, queue_max: 1, queue_timeout_seconds: 60 });
    const waiting = await start();
    expect(waiting.queue.position).to.equal(1);
    expect((await start()).code).to.equal('queue_full');
    await patch({ queue_max: 2 });
    expect(
      (await one.http('POST', '/api/v1/trigger', { token: ann, body: { workflow_id: workflowId } })).status,
    ).to.equal(202);
  });

  it('raises the level in the same moment when users no longer fit', async () => {
    await cluster.redis.users.join('r1', ['a', 'b', 'c', 'd']);
    expect((await patch({ max_users: 5 })).body.level).to.equal('elevated');
  });

  it('lets two admins change different limits at once', async () => {
    await Promise.all([
      patch({ queue_max: 77 }),
      two.http('PATCH', PATH, { token: admin, body: { max_workflows: 7 } }),
    ]);
    const { limits } = (await one.http('GET', PATH, { token: admin })).body;
    expect(limits).to.include({ queue_max: 77, max_workflows: 7 });
  });

  it('refuses what is out of bounds, unknown, empty or does not fit together, and changes nothing', async () => {
    const refusals: Array<[unknown, string]> = [
      [{ max_users: 0 }, 'max_users'],
      [{ max_workflows: 1.5 }, 'max_workflows'],
      [{ queue_timeout_seconds: '60' }, 'queue_timeout_seconds'],
      [{ max_user: 5 }, 'max_user'],
      [{}, ''],
      [{ hard_limit_users: 24 }, 'hard_limit_users'],
    ];
    for (const [body, path] of refusals) {
      const refused = await patch(body);
      expect(refused.body.code, JSON.stringify(body)).to.equal('validation_failed');
      expect(refused.body.errors[0].path).to.equal(path);
    }
    await patch({ hard_limit_users: 30 });
    const tooMany = await patch({ max_users: 31 });
    expect(tooMany.body.errors).to.deep.equal([
      { path: 'max_users', message: 'hard_limit_users (30) must be 0 or at least max_users (31).' },
    ]);
    expect((await patch({ max_users: 31, hard_limit_users: 0 })).body.limits).to.include({
      max_users: 31,
      hard_limit_users: 0,
    });
  });
});
