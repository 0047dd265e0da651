import { expect } from 'chai';
import { ApiPair } from '../../../../tests/support/api/api-pair.ts';
import { failRun } from '../../../../tests/support/api/work-run.ts';
import { until } from '../../../../tests/support/until.ts';

describe('/api/v1/runs', () => {
  let pair: ApiPair;

  beforeEach(async () => {
    pair = await ApiPair.open({ limits: { max_workflows: 1, queue_max: 6, queue_max_per_user: 5 } });
  });
  afterEach(() => pair.close());

  const start = async (user = 'ann'): Promise<string> => (await pair.start(pair.one, user)).body.run_id;
  const get = (path: string, user = 'ann') => pair.ask(pair.two, user, 'GET', `/api/v1/runs${path}`);
  const act = (runId: string, action: string, user = 'ann') =>
    pair.ask(pair.two, user, 'POST', `/api/v1/runs/${runId}/${action}`);

  it('shows a run with its place while it waits, and without one when it is about to start', async () => {
    const [first, second] = [await start(), await start()];
    expect((await get(`/${first}`)).body).to.deep.include({
      id: first,
      status: 'queued',
      queue: null,
      steps: [],
      error: null,
    });
    const waiting = (await get(`/${second}`)).body;
    expect(waiting.queue).to.deep.equal({ position: 1, estimated_wait_seconds: null, expires_at: waiting.expires_at });
  });

  it('shows the estimate when there is one', async () => {
    await pair.cluster.redis.cluster.publishEstimate({ at: Date.now(), seconds: [7.5] });
    await until(() => pair.two.api.admission.view.curve(), {
      timeoutMs: 5_000,
      what: 'the replica to see the estimate',
    });
    await start();
    const waiting = await start();
    expect((await get(`/${waiting}`)).body.queue.estimated_wait_seconds).to.equal(7.5);
  });

  it('shows finished steps and the error of a failed run', async () => {
    const run = await start();
    await failRun(pair.one.database, run, 'the model said no');
    const shown = (await get(`/${run}`)).body;
    expect(shown).to.deep.include({
      status: 'failed',
      attempt: 1,
      error: { code: 'test', reason: 'the model said no', step: 'second' },
    });
    expect(shown.steps).to.have.length(1);
    expect(shown.steps[0]).to.deep.include({
      index: 0,
      name: 'first',
      type: 'delay',
      output: { slept: true },
      attempt: 1,
    });
  });

  it("treats somebody else's run as not there, whatever is done to it; an admin sees and touches all", async () => {
    const run = await start();
    for (const answer of [
      await get(`/${run}`, 'bob'),
      await act(run, 'cancel', 'bob'),
      await act(run, 'retry', 'bob'),
    ]) {
      expect(answer.body).to.include({ status: 404, code: 'run_not_found' });
    }
    expect((await get(`/${run}`)).body.status).to.equal('queued');
    expect((await get('', 'bob')).body.items).to.deep.equal([]);
    expect((await get(`/${run}`, 'root')).body.user_id).to.equal('ann');
    expect((await act(run, 'cancel', 'root')).body.status).to.equal('cancelled');
  });

  it('lists in pages that miss and repeat nothing while runs arrive', async () => {
    const old = [await start(), await start(), await start(), await start(), await start()].reverse();
    await start('bob');
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 3; page++) {
      const { body } = await get(`?limit=2${cursor}`);
      seen.push(...body.items.map((item: { id: string }) => item.id));
      cursor = `&cursor=${body.next_cursor}`;
      if (page === 0) await start();
      if (page === 2) expect(body.next_cursor).to.equal(null);
    }
    expect(seen).to.deep.equal(old);
  });

  it('filters by status', async () => {
    const [kept, cancelled] = [await start(), await start()];
    await act(cancelled, 'cancel');
    const idsOf = async (status: string) =>
      (await get(`?status=${status}`)).body.items.map((item: { id: string }) => item.id);
    expect(await idsOf('queued')).to.deep.equal([kept]);
    expect(await idsOf('cancelled')).to.deep.equal([cancelled]);
    expect(await idsOf('running')).to.deep.equal([]);
  });

  it('refuses bad cursors, limits, states and fields', async () => {
    expect((await get('?cursor=nonsense')).body).to.include({ status: 400, code: 'invalid_cursor' });
    const bad = await get('?limit=1000&status=lost&page=2');
    expect(bad.body.errors).to.deep.equal([
      { path: 'limit', message: 'Must be at most 100.' },
      {
        path: 'status',
        message: 'Must be one of "queued", "running", "succeeded", "failed", "cancelled", "timed_out".',
      },
      { path: 'page', message: 'There is no such field.' },
    ]);
  });

  describe('cancel', () => {
    it('takes a waiting run out of the queue and tells its owner', async () => {
      await pair.cluster.redis.events.open('ann');
      await start();
      const [second, third] = [await start(), await start()];
      const answer = await act(second, 'cancel');
      expect(answer.status).to.equal(200);
      expect(answer.body).to.deep.include({ id: second, status: 'cancelled', queue: null });
      expect(answer.body.finished_at).to.be.a('string');
      expect((await get(`/${third}`)).body.queue.position).to.equal(1);
      const events = await pair.cluster.redis.events.history('ann', 1);
      expect(events.at(-1)).to.deep.include({ type: 'WORKFLOW_CANCELLED' });
    });

    it('tells the worker of a running run', async () => {
      const run = await start();
      const [ready] = await pair.cluster.redis.slots.take(2, new AbortController().signal);
      expect(ready?.runId).to.equal(run);
      expect((await act(run, 'cancel')).body.status).to.equal('cancelled');
      expect(await pair.cluster.redis.slots.renew([{ runId: run, attempt: 1 }])).to.deep.equal(['cancelled']);
    });

    it('refuses a run that has ended', async () => {
      const run = await start();
      await act(run, 'cancel');
      expect((await act(run, 'cancel')).body).to.include({ status: 409, code: 'run_not_cancellable' });
    });

    it('makes room at once for the next start of a user at the own cap', async () => {
      const runs: string[] = [];
      for (let index = 0; index < 6; index++) runs.push(await start());
      const refused = await pair.start(pair.two, 'ann');
      expect(refused.status).to.equal(429);
      await act(runs[5] ?? '', 'cancel');
      const accepted = await pair.start(pair.two, 'ann');
      expect(accepted.status).to.equal(202);
    });
  });

  describe('retry', () => {
    it('accepts a failed run again, with its checkpoints', async () => {
      const run = await start();
      await failRun(pair.one.database, run, 'broken');
      await pair.cluster.redis.slots.release([{ runId: run, attempt: 1, sample: null }]);
      const answer = await act(run, 'retry');
      expect(answer.status).to.equal(200);
      expect(answer.body).to.deep.include({ id: run, status: 'queued', error: null, current_step: 1, queue: null });
      expect((await get(`/${run}`)).body.steps).to.have.length(1);
      const [ready] = await pair.cluster.redis.slots.take(2, new AbortController().signal);
      expect(ready).to.deep.include({ runId: run, attemptFloor: 1 });
    });

    it('waits in the queue like any other, and says so', async () => {
      const run = await start();
      await failRun(pair.one.database, run, 'broken');
      expect((await start('bob')).length).to.equal(36);
      const answer = await act(run, 'retry');
      expect(answer.body.queue.position).to.be.greaterThan(0);
    });

    it('refuses what has not failed', async () => {
      expect((await act(await start(), 'retry')).body).to.include({
        status: 409,
        code: 'run_not_retryable',
      });
    });

    it('leaves the run failed, with its reason, when there is no room', async () => {
      const run = await start();
      await failRun(pair.one.database, run, 'broken');
      for (let index = 0; index < 5; index++) await start();
      const refused = await act(run, 'retry');
      expect(refused.body).to.include({ status: 429, code: 'user_queue_full' });
      expect(Number(refused.headers['retry-after'])).to.be.at.least(1);
      expect((await get(`/${run}`)).body).to.deep.include({
        status: 'failed',
        error: { code: 'test', reason: 'broken', step: 'second' },
      });
    });
  });
});
