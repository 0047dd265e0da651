import { expect } from 'chai';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../tests/support/api/api-cluster.ts';
import { storeWorkflow } from '../../../tests/support/api/store-workflow.ts';
import { until } from '../../../tests/support/until.ts';

/** The same request reaches two replicas while the first of them has stored the run and not yet asked for its place. */
describe('a repeat that overtakes the first request', () => {
  let cluster: ApiCluster;
  let first: ApiReplica;
  let second: ApiReplica;
  let workflowId: string;
  let ann: string;
  let letGo: () => void;

  beforeEach(async () => {
    cluster = await apiCluster({ limits: { max_workflows: 1, queue_max: 1 } });
    [first, second] = [await cluster.addReplica(), await cluster.addReplica()];
    workflowId = await storeWorkflow(first);
    ann = await token('ann');
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const admit = first.redis.queue.admit.bind(first.redis.queue);
    first.redis.queue.admit = async (entries) => {
      await held;
      return await admit(entries);
    };
  });
  afterEach(async () => {
    letGo();
    await cluster.close();
  });

  const start = (replica: ApiReplica, headers: Record<string, string> = {}) =>
    replica.http('POST', '/api/v1/trigger', { token: ann, body: { workflow_id: workflowId }, headers });
  const key = { 'Idempotency-Key': 'k' };
  const stored = () => first.database.runs.list({ userId: null, limit: 10 });
  const storedByFirst = (count: number) =>
    until(async () => (await stored()).length === count, { timeoutMs: 5_000, what: 'the first request to be stored' });

  it('is answered with the run once that has its place', async () => {
    const original = start(first, key);
    await storedByFirst(1);
    const repeat = start(second, key);
    letGo();
    const [a, b] = await Promise.all([original, repeat]);
    expect([a.status, b.status, b.body.run_id]).to.deep.equal([202, 202, a.body.run_id]);
    expect(b.headers['idempotency-replayed']).to.equal('true');
  });

  it('is refused like the first request when there is no room, never accepted with a run that is then removed', async () => {
    await start(second);
    await start(second);
    const original = start(first, key);
    await storedByFirst(3);
    let answered = false;
    const repeat = start(second, key).finally(() => {
      answered = true;
    });
    // The repeat has found the run and waits: it would be the third look at it.
    await until(async () => (await looks(second)) >= 2, { timeoutMs: 5_000, what: 'the repeat to look for the place' });
    expect(answered).to.equal(false);
    letGo();
    for (const { body } of await Promise.all([original, repeat])) expect(body.code).to.equal('queue_full');
    expect(await stored()).to.have.length(2);
  });

  it('is answered within seconds although the first replica never comes back, and not before its run has a slot', async () => {
    const lost = start(first, key);
    await storedByFirst(1);
    const repeat = await start(second, key);
    expect(repeat.body).to.include({ run_id: (await stored())[0]?.id, status: 'queued' });
    const granted = (await second.redis.cluster.runningGrants()).map(({ runId }) => runId);
    expect(granted).to.deep.equal([repeat.body.run_id]);
    letGo();
    await lost;
  });

  it('is answered with the place in the queue that its run then has, before all that are accepted later', async () => {
    await start(second);
    const lost = start(first, key);
    await storedByFirst(2);
    const repeat = await start(second, key);
    expect(repeat.body.queue).to.include({ position: 1 });
    letGo();
    expect((await lost).body).to.include({ run_id: repeat.body.run_id });
    expect(await second.redis.queue.listQueued(0, 10)).to.deep.equal([repeat.body.run_id]);
  });

  it('is remembered while Redis is away, so that its run has a place as soon as Redis is back', async () => {
    const lost = start(first, key);
    await storedByFirst(1);
    const { positions } = second.redis.queue;
    second.redis.queue.positions = () => Promise.reject(new Error('away'));
    const repeat = await start(second, key);
    expect(repeat.status).to.equal(202);
    second.redis.queue.positions = positions;
    await until(async () => (await second.redis.cluster.runningGrants()).length === 1, {
      timeoutMs: 5_000,
      what: 'the run to have its slot',
    });
    letGo();
    await lost;
  });

  it('is never accepted with a run that the first request removes, although Redis goes away between the two', async () => {
    await start(second);
    await start(second);
    const { removeRefused } = first.database.runs;
    let remove = () => {};
    const removing = new Promise<void>((resolve) => {
      first.database.runs.removeRefused = (ids) => {
        resolve();
        return new Promise<void>((go) => {
          remove = go;
        }).then(() => removeRefused(ids));
      };
    });
    const original = start(first, key);
    letGo();
    await removing;
    second.redis.queue.positions = () => Promise.reject(new Error('away'));
    const repeat = await start(second, key);
    remove();
    expect(repeat.status).to.equal(202);
    expect((await original).body).to.include({ run_id: repeat.body.run_id });
    expect((await stored()).map(({ id }) => id)).to.include(repeat.body.run_id);
  });

  async function looks(replica: ApiReplica): Promise<number> {
    const text = await replica.metrics.registry.getSingleMetricAsString('weir_postgres_batch_duration_seconds');
    return Number(/_count\{kind="runs.get"\} (\d+)/.exec(text)?.[1] ?? 0);
  }
});
