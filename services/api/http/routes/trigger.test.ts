import { expect } from 'chai';
import { TEXTS } from '../../../../shared/protocol/texts.ts';
import type { ApiReplica } from '../../../../tests/support/api/api-cluster.ts';
import { ApiPair } from '../../../../tests/support/api/api-pair.ts';
import { until } from '../../../../tests/support/until.ts';

const UUID = /^[0-9a-f-]{36}$/;

describe('POST /api/v1/trigger', () => {
  let pair: ApiPair;

  beforeEach(async () => {
    pair = await ApiPair.open({ limits: { max_workflows: 2, queue_max: 5, queue_max_per_user: 3 } });
  });
  afterEach(() => pair.close());

  it('starts at once while a slot is free, and queues with a place from then on', async () => {
    const first = await pair.start(pair.one, 'ann', { payload: { n: 1 } });
    expect(first.status).to.equal(202);
    expect(first.body).to.deep.equal({
      run_id: first.body.run_id,
      status: 'queued',
      queue: null,
      message: TEXTS.starting,
    });
    expect(first.body.run_id).to.match(UUID);
    expect(first.headers.location).to.equal(`/api/v1/runs/${first.body.run_id}`);
    await pair.start(pair.two, 'ann');
    const third = await pair.start(pair.one, 'ann');
    expect(third.body.queue).to.deep.include({ position: 1, estimated_wait_seconds: null });
    expect(new Date(third.body.queue.expires_at).getTime() - Date.now()).to.be.within(290_000, 300_500);
    expect(third.body.message).to.equal(TEXTS.queued);
    expect((await pair.start(pair.two, 'bob')).body.queue.position).to.equal(2);
    expect(await pair.stored()).to.have.length(4);
  });

  it('puts high priority before normal before low', async () => {
    for (let index = 0; index < 2; index++) await pair.start(pair.one, 'ann');
    await pair.start(pair.one, 'ann', { priority: 'low' });
    expect((await pair.start(pair.one, 'bob')).body.queue.position).to.equal(1);
    expect((await pair.start(pair.one, 'bob', { priority: 'high' })).body.queue.position).to.equal(1);
  });

  it('always queues at high demand, and says so in the words of the story', async () => {
    await pair.cluster.redis.users.join(
      'r',
      Array.from({ length: 20 }, (_, index) => `user-${index}`),
    );
    const answer = await pair.start(pair.one, 'ann');
    expect(answer.body).to.deep.include({ message: 'High demand - new workflows may be delayed' });
    expect(answer.body.queue.position).to.equal(1);
  });

  it('tells the sockets of the owner that the run waits', async () => {
    const { events } = pair.cluster.redis;
    await events.open('ann');
    for (let index = 0; index < 3; index++) await pair.start(pair.one, 'ann');
    const [event] = await events.history('ann', 1);
    expect(event).to.deep.include({ type: 'WORKFLOW_QUEUED', offset: 1 });
    expect(event?.data).to.include({
      position: 1,
      workflow_id: pair.workflowId,
      priority: 'normal',
      message: TEXTS.queued,
    });
  });

  it('does not tell that a run waits after its end has been told, however late that news comes', async () => {
    const { events } = pair.cluster.redis;
    await events.open('ann');
    for (let index = 0; index < 2; index++) await pair.start(pair.one, 'ann');
    const { publish } = pair.one.redis.events;
    let tell = () => {};
    const told = new Promise<void>((resolve, reject) => {
      pair.one.redis.events.publish = (late) =>
        new Promise<void>((go) => {
          tell = go;
        })
          .then(() => publish.call(pair.one.redis.events, late))
          .then(resolve, reject);
    });
    const waiting = await pair.start(pair.one, 'ann');
    await pair.ask(pair.two, 'ann', 'POST', `/api/v1/runs/${waiting.body.run_id}/cancel`);
    tell();
    await told;
    expect((await events.history('ann', 1)).map(({ type }) => type)).to.deep.equal(['WORKFLOW_CANCELLED']);
  });

  it('stores payload, priority, correlation id and owner with the run', async () => {
    const payload = { text: 'a "quoted" \\ {brace}, é 😀', list: [1, null, { deep: true }] };
    const answer = await pair.start(pair.one, 'ann', { payload, priority: 'high' }, { 'X-Correlation-Id': 'order-7' });
    const run = await pair.ask(pair.two, 'ann', 'GET', `/api/v1/runs/${answer.body.run_id}`);
    expect(run.body).to.deep.include({ payload, priority: 'high', correlation_id: 'order-7', user_id: 'ann' });
    const line = pair.one.log.lines.find(({ message }) => message === 'run accepted');
    expect(line?.fields).to.include({ run_id: answer.body.run_id, correlation_id: 'order-7', user_id: 'ann' });
  });

  it('refuses an unknown workflow, bad fields and a bad key, naming them', async () => {
    const unknown = await pair.start(pair.one, 'ann', { workflow_id: '00000000-0000-4000-8000-000000000000' });
    expect(unknown.body).to.include({ status: 404, code: 'workflow_not_found' });
    const bad = await pair.start(pair.one, 'ann', { payload: 'text', priority: 'urgent', extra: 1 });
    expect(bad.body.errors.map((error: { path: string }) => error.path)).to.deep.equal([
      'payload',
      'priority',
      'extra',
    ]);
    const badKey = await pair.start(pair.one, 'ann', {}, { 'Idempotency-Key': 'a b' });
    expect(badKey.body.errors).to.deep.equal([
      { path: 'Idempotency-Key', message: 'Use 1 to 200 visible ASCII characters.' },
    ]);
    expect(await pair.stored()).to.deep.equal([]);
  });

  describe('beyond the bounds of the queue', () => {
    it('refuses a user beyond the own cap with 429 and Retry-After, and stores nothing', async () => {
      for (let index = 0; index < 5; index++) expect((await pair.start(pair.one, 'ann')).status).to.equal(202);
      const before = await pair.stored();
      const refused = await pair.start(pair.one, 'ann');
      expect(refused.body).to.include({ status: 429, code: 'user_queue_full' });
      expect(Number(refused.headers['retry-after'])).to.be.within(1, 6);
      expect(refused.body.retry_after_seconds).to.equal(Number(refused.headers['retry-after']));
      expect(await pair.stored()).to.deep.equal(before);
      expect((await pair.start(pair.one, 'bob')).status).to.equal(202);
    });

    it('refuses everybody with 503 and Retry-After when the queue is full, and stores nothing', async () => {
      await fillQueue();
      const before = await pair.stored();
      const refused = await Promise.all(['dan', 'eve', 'fay'].map((user) => pair.start(pair.two, user)));
      for (const { body, headers } of refused) {
        expect(body).to.include({ status: 503, code: 'queue_full' });
        expect(Number(headers['retry-after'])).to.be.at.least(1);
      }
      expect(await pair.stored()).to.deep.equal(before);
    });

    it('answers a repeat with its run although the queue has become full', async () => {
      const first = await pair.start(pair.one, 'ann', {}, { 'Idempotency-Key': 'k-1' });
      await fillQueue();
      expect((await pair.start(pair.one, 'ann')).status).to.equal(503);
      const again = await pair.start(pair.one, 'ann', {}, { 'Idempotency-Key': 'k-1' });
      expect([again.status, again.body.run_id]).to.deep.equal([202, first.body.run_id]);
    });

    it('takes Retry-After from the estimate', async () => {
      await fillQueue();
      await pair.cluster.redis.cluster.publishEstimate({ at: Date.now(), seconds: [100, 200] });
      await until(() => pair.two.api.admission.view.curve(), {
        timeoutMs: 5_000,
        what: 'the replica to see the estimate',
      });
      expect(Number((await pair.start(pair.two, 'dan')).headers['retry-after'])).to.be.within(80, 120);
    });

    it('refuses for the next second without asking Postgres', async () => {
      await fillQueue();
      await pair.start(pair.one, 'dan');
      const inserts = await insertCount(pair.one);
      for (let index = 0; index < 5; index++) expect((await pair.start(pair.one, 'dan')).status).to.equal(503);
      expect(await insertCount(pair.one)).to.equal(inserts);
    });

    it('accepts exactly as many of a burst as there is room for', async () => {
      const users = Array.from({ length: 40 }, (_, index) => `user-${index}`);
      const answers = await Promise.all(users.map((user, index) => pair.start(index % 2 ? pair.one : pair.two, user)));
      const accepted = answers.filter(({ status }) => status === 202).map(({ body }) => body.run_id);
      expect(accepted).to.have.length(7);
      expect((await pair.stored()).sort()).to.deep.equal(accepted.sort());
    });

    it('counts every outcome', async () => {
      await fillQueue();
      await pair.start(pair.one, 'dan');
      const counted = await pair.one.metrics.registry.getSingleMetricAsString('weir_admissions_total');
      for (const line of ['"started"} 2', '"queued"} 5', '"queue_full"} 1'])
        expect(counted).to.include(`outcome=${line}`);
    });
  });

  async function fillQueue(): Promise<void> {
    for (const user of ['x', 'x', 'x', 'y', 'y', 'y', 'z']) await pair.start(pair.one, user);
    expect(await pair.cluster.redis.queue.listQueued(0, 10)).to.have.length.at.least(4);
  }

  async function insertCount(replica: ApiReplica): Promise<number> {
    const text = await replica.metrics.registry.getSingleMetricAsString('weir_postgres_batch_duration_seconds');
    return Number(/_count\{kind="runs.insert"\} (\d+)/.exec(text)?.[1] ?? 0);
  }
});
