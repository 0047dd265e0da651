import { expect } from 'chai';
import { TEXTS } from '../../../../shared/protocol/texts.ts';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../../tests/support/api/api-cluster.ts';
import { storeWorkflow } from '../../../../tests/support/api/store-workflow.ts';
import { until } from '../../../../tests/support/until.ts';

const UUID = /^[0-9a-f-]{36}$/;

describe('POST /api/v1/trigger', () => {
  let cluster: ApiCluster;
  let one: ApiReplica;
  let two: ApiReplica;
  let workflowId: string;

  beforeEach(async () => {
    cluster = await apiCluster({ limits: { max_workflows: 2, queue_max: 5, queue_max_per_user: 3 } });
    [one, two] = [await cluster.addReplica(), await cluster.addReplica()];
    workflowId = await storeWorkflow(one);
  });
  afterEach(() => cluster.close());

  const start = async (replica: ApiReplica, user: string, body: object = {}, headers: Record<string, string> = {}) =>
    replica.http('POST', '/api/v1/trigger', {
      token: await token(user),
      body: { workflow_id: workflowId, ...body },
      headers,
    });
  const stored = async () => (await one.database.runs.list({ userId: null, limit: 100 })).map((run) => run.id);

  it('starts at once while a slot is free, and queues with a place from then on', async () => {
    const first = await start(one, 'ann', { payload: { n: 1 } });
    expect(first.status).to.equal(202);
    expect(first.body).to.deep.equal({
      run_id: first.body.run_id,
      status: 'queued',
      queue: null,
      message: TEXTS.starting,
    });
    expect(first.body.run_id).to.match(UUID);
    expect(first.headers.location).to.equal(`/api/v1/runs/${first.body.run_id}`);
    await start(two, 'ann');
    const third = await start(one, 'ann');
    expect(third.body.queue).to.deep.include({ position: 1, estimated_wait_seconds: null });
    expect(new Date(third.body.queue.expires_at).getTime() - Date.now()).to.be.within(290_000, 300_500);
    expect(third.body.message).to.equal(TEXTS.queued);
    expect((await start(two, 'bob')).body.queue.position).to.equal(2);
    expect(await stored()).to.have.length(4);
  });

  it('puts high priority before normal before low', async () => {
    for (let index = 0; index < 2; index++) await start(one, 'ann');
    await start(one, 'ann', { priority: 'low' });
    expect((await start(one, 'bob')).body.queue.position).to.equal(1);
    expect((await start(one, 'bob', { priority: 'high' })).body.queue.position).to.equal(1);
  });

  it('always queues at high demand, and says so in the words of the story', async () => {
    await cluster.redis.users.join(
      'r',
      Array.from({ length: 20 }, (_, index) => `user-${index}`),
    );
    const answer = await start(one, 'ann');
    expect(answer.body).to.deep.include({ message: 'High demand - new workflows may be delayed' });
    expect(answer.body.queue.position).to.equal(1);
  });

  it('tells the sockets of the owner that the run waits', async () => {
    const { events } = cluster.redis;
    await events.open('ann');
    for (let index = 0; index < 3; index++) await start(one, 'ann');
    const [event] = await events.history('ann', 1);
    expect(event).to.deep.include({ type: 'WORKFLOW_QUEUED', offset: 1 });
    expect(event?.data).to.include({ position: 1, workflow_id: workflowId, priority: 'normal', message: TEXTS.queued });
  });

  it('stores payload, priority, correlation id and owner with the run', async () => {
    const payload = { text: 'a "quoted" \\ {brace}, é 😀', list: [1, null, { deep: true }] };
    const answer = await start(one, 'ann', { payload, priority: 'high' }, { 'X-Correlation-Id': 'order-7' });
    const run = await two.http('GET', `/api/v1/runs/${answer.body.run_id}`, { token: await token('ann') });
    expect(run.body).to.deep.include({ payload, priority: 'high', correlation_id: 'order-7', user_id: 'ann' });
    const line = one.log.lines.find(({ message }) => message === 'run accepted');
    expect(line?.fields).to.include({ run_id: answer.body.run_id, correlation_id: 'order-7', user_id: 'ann' });
  });

  it('refuses an unknown workflow, bad fields and a bad key, naming them', async () => {
    const unknown = await start(one, 'ann', { workflow_id: '00000000-0000-4000-8000-000000000000' });
    expect(unknown.body).to.include({ status: 404, code: 'workflow_not_found' });
    const bad = await start(one, 'ann', { payload: 'text', priority: 'urgent', extra: 1 });
    expect(bad.body.errors.map((error: { path: string }) => error.path)).to.deep.equal([
      'payload',
      'priority',
      'extra',
    ]);
    const badKey = await start(one, 'ann', {}, { 'Idempotency-Key': 'a b' });
    expect(badKey.body.errors).to.deep.equal([
      { path: 'Idempotency-Key', message: 'Use 1 to 200 visible ASCII characters.' },
    ]);
    expect(await stored()).to.deep.equal([]);
  });

  describe('with Idempotency-Key', () => {
    const key = { 'Idempotency-Key': 'k-1' };

    it('answers the same request with the same run, also on another replica and with its keys in another order', async () => {
      const first = await start(one, 'ann', { payload: { a: 1, b: 2 } }, key);
      expect(first.headers).not.to.have.property('idempotency-replayed');
      const again = await start(two, 'ann', { payload: { b: 2, a: 1 }, priority: 'normal' }, key);
      expect([again.status, again.body.run_id]).to.deep.equal([202, first.body.run_id]);
      expect(again.headers['idempotency-replayed']).to.equal('true');
      expect(await stored()).to.have.length(1);
    });

    it('makes one run of a request that is sent many times at once to two replicas', async () => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) => start(index % 2 ? one : two, 'ann', { payload: { n: 1 } }, key)),
      );
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([202]));
      expect(new Set(answers.map(({ body }) => body.run_id)).size).to.equal(1);
      expect(await stored()).to.have.length(1);
    });

    it('refuses another request under the same key, and lets another user have the same key', async () => {
      await start(one, 'ann', { payload: { n: 1 } }, key);
      const other = await start(two, 'ann', { payload: { n: 2 } }, key);
      expect(other.body).to.include({ status: 422, code: 'idempotency_key_reused' });
      expect((await start(two, 'bob', { payload: { n: 2 } }, key)).status).to.equal(202);
    });

    it('shows where the run stands now', async () => {
      for (let index = 0; index < 3; index++) await start(one, 'bob');
      await start(one, 'ann', {}, key);
      expect((await start(two, 'ann', {}, key)).body.queue.position).to.equal(2);
    });

    it('answers a repeat with its run although the queue has become full', async () => {
      const first = await start(one, 'ann', {}, key);
      await fillQueue();
      expect((await start(one, 'ann')).status).to.equal(503);
      const again = await start(one, 'ann', {}, key);
      expect([again.status, again.body.run_id]).to.deep.equal([202, first.body.run_id]);
    });
  });

  describe('beyond the bounds of the queue', () => {
    it('refuses a user beyond the own cap with 429 and Retry-After, and stores nothing', async () => {
      for (let index = 0; index < 5; index++) expect((await start(one, 'ann')).status).to.equal(202);
      const before = await stored();
      const refused = await start(one, 'ann');
      expect(refused.body).to.include({ status: 429, code: 'user_queue_full' });
      expect(Number(refused.headers['retry-after'])).to.be.within(1, 6);
      expect(refused.body.retry_after_seconds).to.equal(Number(refused.headers['retry-after']));
      expect(await stored()).to.deep.equal(before);
      expect((await start(one, 'bob')).status).to.equal(202);
    });

    it('refuses everybody with 503 and Retry-After when the queue is full, and stores nothing', async () => {
      await fillQueue();
      const before = await stored();
      const refused = await Promise.all(['dan', 'eve', 'fay'].map((user) => start(two, user)));
      for (const { body, headers } of refused) {
        expect(body).to.include({ status: 503, code: 'queue_full' });
        expect(Number(headers['retry-after'])).to.be.at.least(1);
      }
      expect(await stored()).to.deep.equal(before);
    });

    it('takes Retry-After from the estimate', async () => {
      await fillQueue();
      await cluster.redis.cluster.publishEstimate({ at: Date.now(), seconds: [100, 200] });
      await until(() => two.api.admission.view.curve(), { timeoutMs: 2_000, what: 'the replica to see the estimate' });
      expect(Number((await start(two, 'dan')).headers['retry-after'])).to.be.within(80, 120);
    });

    it('refuses for the next second without asking Postgres', async () => {
      await fillQueue();
      await start(one, 'dan');
      const inserts = await insertCount(one);
      for (let index = 0; index < 5; index++) expect((await start(one, 'dan')).status).to.equal(503);
      expect(await insertCount(one)).to.equal(inserts);
    });

    it('accepts exactly as many of a burst as there is room for', async () => {
      const users = Array.from({ length: 40 }, (_, index) => `user-${index}`);
      const answers = await Promise.all(users.map((user, index) => start(index % 2 ? one : two, user)));
      const accepted = answers.filter(({ status }) => status === 202).map(({ body }) => body.run_id);
      expect(accepted).to.have.length(7);
      expect((await stored()).sort()).to.deep.equal(accepted.sort());
    });

    it('counts every outcome', async () => {
      await fillQueue();
      await start(one, 'dan');
      const counted = await one.metrics.registry.getSingleMetricAsString('weir_admissions_total');
      for (const line of ['"started"} 2', '"queued"} 5', '"queue_full"} 1'])
        expect(counted).to.include(`outcome=${line}`);
    });
  });

  async function fillQueue(): Promise<void> {
    for (const user of ['x', 'x', 'x', 'y', 'y', 'y', 'z']) await start(one, user);
    expect(await cluster.redis.queue.listQueued(0, 10)).to.have.length.at.least(4);
  }

  async function insertCount(replica: ApiReplica): Promise<number> {
    const text = await replica.metrics.registry.getSingleMetricAsString('weir_postgres_batch_duration_seconds');
    return Number(/_count\{kind="runs.insert"\} (\d+)/.exec(text)?.[1] ?? 0);
  }
});
