import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import pg from 'pg';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { type ApiCluster, type ApiReplica, apiCluster } from '../../../tests/support/api/api-cluster.ts';
import { until } from '../../../tests/support/until.ts';
import type { StartRequest } from './start-request.ts';

describe('starts of one moment', () => {
  let cluster: ApiCluster;
  let replica: ApiReplica;
  const workflow: StartRequest['workflow'] = {
    id: randomUUID(),
    name: 'one step',
    steps: [{ name: 'wait', type: 'delay', config: { duration: 1 } }],
  };

  const open = async (limits: Parameters<typeof apiCluster>[0]) => {
    cluster = await apiCluster(limits);
    replica = await cluster.addReplica();
  };
  afterEach(() => cluster.close());

  const request = (userId: string, fields: Partial<StartRequest> = {}): StartRequest => ({
    userId,
    workflow,
    payload: {},
    priority: 'normal',
    idempotencyKey: null,
    requestHash: '',
    correlationId: `of ${userId}`,
    ...fields,
  });
  /** Ids of the runs, or codes of the refusals, in the order of the requests. */
  const startAll = (...requests: StartRequest[]) =>
    Promise.all(
      requests.map((one) =>
        replica.api.admission.submit.submit(one).then(
          (answer) => answer.runId,
          (error: unknown) => (error instanceof WeirError ? error.code : String(error)),
        ),
      ),
    );
  const storedOwners = async () =>
    Object.fromEntries(
      (await replica.database.runs.list({ userId: null, limit: 50 })).map((run) => [run.id, run.userId]),
    );
  const order = () => replica.redis.queue.listQueued(0, 50);

  it('are each answered with their own outcome: new runs, repeats and keys used again between one another', async () => {
    await open({ limits: { max_workflows: 1 } });
    const keyed = (requestHash: string) => request('ann', { idempotencyKey: 'k', requestHash });
    const [first = ''] = await startAll(keyed('same'));
    const answers = await startAll(request('bob'), keyed('same'), request('cat'), keyed('other'), request('dan'));
    const [bob = '', repeat, cat = '', reused, dan = ''] = answers;
    expect([repeat, reused]).to.deep.equal([first, 'idempotency_key_reused']);
    expect(await storedOwners()).to.deep.equal({ [first]: 'ann', [bob]: 'bob', [cat]: 'cat', [dan]: 'dan' });
    expect(await order()).to.deep.equal([bob, cat, dan]);
  });

  it('leave nothing of those for whom there was no room', async () => {
    await open({ limits: { max_workflows: 0, queue_max: 2, queue_max_per_user: 1 } });
    const [ann = '', again, bob = '', cat] = await startAll(
      ...['ann', 'ann', 'bob', 'cat'].map((user) => request(user)),
    );
    expect([again, cat]).to.deep.equal(['user_queue_full', 'queue_full']);
    expect(await storedOwners()).to.deep.equal({ [ann]: 'ann', [bob]: 'bob' });
  });

  it('are not said to be refused when those without room may or may not have been taken out of Postgres, and leave nothing', async () => {
    await open({ limits: { max_workflows: 0, queue_max: 1 } });
    const { runs } = replica.database;
    const remove = runs.removeRefused;
    runs.removeRefused = async () => {
      runs.removeRefused = remove;
      throw new WeirError('storage_unavailable');
    };
    const [ann = '', ...others] = await startAll(request('ann'), request('bob'), request('cat'));
    expect(others).to.deep.equal(['outcome_unknown', 'outcome_unknown']);
    await until(async () => Object.keys(await storedOwners()).length === 1, {
      timeoutMs: 5_000,
      what: 'the others to be gone',
    });
    expect(await storedOwners()).to.deep.equal({ [ann]: 'ann' });
  });

  it('are accepted after all, and get their places, when it is too late to take them out: a repeat may have been answered', async () => {
    await open({ limits: { max_workflows: 0, queue_max: 1 } });
    const { runs } = replica.database;
    const record = new pg.Client(cluster.databaseUrl);
    await record.connect();
    const insert = runs.insertBatch;
    runs.insertBatch = async (items) => {
      const inserted = await insert(items);
      await record.query("UPDATE runs SET accepted_at = accepted_at - interval '3 seconds'");
      return inserted;
    };
    const ids = await startAll(request('ann'), request('bob', { idempotencyKey: 'k' }));
    expect(Object.keys(await storedOwners())).to.have.members(ids);
    await record.end();
    await until(async () => (await order()).length === 2, { timeoutMs: 5_000, what: 'both to have their places' });
    expect(await order()).to.have.members(ids);
  });
});
