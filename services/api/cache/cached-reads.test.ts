import { expect } from 'chai';
import { TEST_LIMITS } from '../../../redis/clocked-store.ts';
import type { RunStatus } from '../../../shared/workflow/run-state.ts';
import type { ApiReplica } from '../../../tests/support/api/api-cluster.ts';
import { ApiPair } from '../../../tests/support/api/api-pair.ts';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { type PrivateRedis, startRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';

/** Until a change by another process is seen on every replica (ms). */
const SEEN_WITHIN_MS = 100;

describe('cached reads over two replicas', function () {
  this.timeout(40_000);
  let server: PrivateRedis;
  let pair: ApiPair;

  beforeEach(async () => {
    server = await startRedis();
    pair = await ApiPair.open({ redisUrl: server.url });
  });
  afterEach(async () => {
    server.resume();
    await pair.close();
    await server.stop();
  });

  const both = () => [pair.one, pair.two];
  const start = async (): Promise<string> => (await pair.start(pair.one, 'ann')).body.run_id;
  const read = async (replica: ApiReplica, run: string, user = 'ann') =>
    (await pair.ask(replica, user, 'GET', `/api/v1/runs/${run}`)).body;
  const act = async (replica: ApiReplica, run: string, action: string) =>
    (await pair.ask(replica, 'ann', 'POST', `/api/v1/runs/${run}/${action}`)).status;
  const counted = (replica: ApiReplica, cache: string, outcome: string) =>
    metricValue(replica.metrics.cache.requests, { cache, outcome });
  /** Both replicas have the run in memory. */
  const remembered = async (run: string) => {
    for (const replica of both()) {
      const hits = await counted(replica, 'run', 'hit');
      const shown = async () => {
        await read(replica, run);
        return (await counted(replica, 'run', 'hit')) > hits;
      };
      await until(shown, { timeoutMs: 5_000, what: 'the run to be in memory' });
    }
  };
  const claim = async (run: string) => {
    const [claimed] = await pair.one.database.runs.claim([
      { runId: run, worker: 'test', grantNo: 1, grantedAt: Date.now() },
    ]);
    return claimed?.run?.attempt ?? 0;
  };
  const seenBy = async (
    replica: ApiReplica,
    run: string,
    what: string,
    seen: (shown: { [field: string]: unknown }) => boolean,
  ) => {
    await until(async () => seen(await read(replica, run)), { timeoutMs: SEEN_WITHIN_MS, what });
  };

  it('a run that does not change is read from Postgres once per replica, its place in the queue from Redis each time', async () => {
    await pair.cluster.redis.cluster.setLimits({ ...TEST_LIMITS, max_workflows: 0 });
    const [first, second] = [await start(), await start()];
    await remembered(second);
    expect((await read(pair.two, second)).queue.position).to.equal(2);
    await act(pair.one, first, 'cancel');
    expect((await read(pair.two, second)).queue.position).to.equal(1);
    expect(await counted(pair.two, 'run', 'miss')).to.equal(1);
  });

  it('who has changed a run sees it changed at the next read, through whichever replica', async () => {
    for (let round = 0; round < 20; round++) {
      const run = await start();
      await remembered(run);
      expect(await act(pair.one, run, 'cancel')).to.equal(200);
      expect((await read(pair.two, run)).status, `round ${round}`).to.equal('cancelled');
      expect((await read(pair.one, run)).status, `round ${round}`).to.equal('cancelled');
    }
  });

  it('a retry, and a priority an administrator has set, are seen at the next read', async () => {
    const run = await start();
    await remembered(run);
    await pair.ask(pair.one, 'root', 'PATCH', `/api/v1/runs/${run}`, { body: { priority: 'high' } });
    expect((await read(pair.two, run)).priority).to.equal('high');
    const attempt = await claim(run);
    const error = { code: 'test', reason: 'broken', step: 'first' };
    await pair.one.database.runs.finish({ runId: run, attempt, status: 'failed', result: null, error });
    await seenBy(pair.two, run, 'the failure', ({ status }) => status === 'failed');
    await remembered(run);
    expect(await act(pair.one, run, 'retry')).to.equal(200);
    expect(await read(pair.two, run)).to.deep.include({ status: 'queued', error: null });
  });

  it('each change by a worker is seen on every replica within 100 ms', async () => {
    const run = await start();
    const finish = (status: RunStatus) => (shown: { [field: string]: unknown }) => shown.status === status;
    await remembered(run);
    const attempt = await claim(run);
    for (const replica of both()) await seenBy(replica, run, 'the claim', finish('running'));
    await remembered(run);
    const step = { index: 0, name: 'first', type: 'delay' as const, output: { slept: true }, usage: null };
    await pair.one.database.runs.checkpoint({ runId: run, attempt, ...step, startedAt: new Date() });
    for (const replica of both())
      await seenBy(replica, run, 'the step', ({ steps }) => Array.isArray(steps) && steps.length === 1);
    await remembered(run);
    await pair.one.database.runs.finish({ runId: run, attempt, status: 'succeeded', result: 'done', error: null });
    for (const replica of both()) await seenBy(replica, run, 'the end', finish('succeeded'));
  });

  it('what a user was told is never contradicted by the next read', async () => {
    await pair.cluster.redis.events.open('ann');
    for (let round = 0; round < 20; round++) {
      const run = await start();
      await remembered(run);
      const told = new Promise<string>((resolve, reject) => {
        pair.two.redis.channels
          .subscribeUser('ann', () => void read(pair.two, run).then(({ status }) => resolve(status), reject))
          .catch(reject);
      });
      await pair.two.redis.connections.subscriber.ping();
      // As a worker does it: first the record, then the event, on the same connection and waiting for neither.
      await claim(run);
      const about = {
        message: '',
        run_id: run,
        workflow_id: pair.workflowId,
        workflow_name: '',
        attempt: 1,
        step_count: 2,
      };
      void pair.one.redis.events.publish([{ userId: 'ann', type: 'WORKFLOW_STARTING', data: about }]);
      expect(await told, `round ${round}`).to.equal('running');
      await pair.two.redis.channels.unsubscribeUser('ann');
    }
  });

  it('a run in memory is shown to those who may see it, and to nobody else', async () => {
    const run = await start();
    await remembered(run);
    for (const replica of both()) {
      expect(await read(replica, run, 'bob')).to.include({ status: 404, code: 'run_not_found' });
      expect((await read(replica, run, 'root')).user_id).to.equal('ann');
    }
    await pair.one.database.participants.invite(run, 'ann', 'bob', 10);
    expect((await read(pair.two, run, 'bob')).user_id).to.equal('ann');
    await pair.one.database.participants.remove(run, 'bob');
    expect(await read(pair.two, run, 'bob')).to.include({ code: 'run_not_found' });
  });

  it('a workflow is read once per replica, by starts and readers together', async () => {
    for (const replica of both()) {
      const misses = await counted(replica, 'workflow', 'miss');
      await pair.ask(replica, 'bob', 'GET', `/api/v1/workflows/${pair.workflowId}`);
      await pair.ask(replica, 'ann', 'GET', `/api/v1/workflows/${pair.workflowId}`);
      await pair.start(replica, 'ann');
      expect(await counted(replica, 'workflow', 'miss')).to.equal(misses + 1);
      expect(await counted(replica, 'workflow', 'hit')).to.be.at.least(2);
    }
  });

  for (const [outage, begin, end] of [
    ['frozen', async () => server.pause(), async () => server.resume()],
    ['gone', () => server.stop(), () => server.start()],
  ] as const) {
    it(`while Redis is ${outage} each read asks Postgres, and nothing of before is shown when it is back`, async () => {
      const run = await start();
      await remembered(run);
      await begin();
      expect(await act(pair.one, run, 'cancel')).to.equal(200);
      const bypassed = await counted(pair.two, 'run', 'bypass');
      const statuses = new Set<string>();
      for (let reads = 0; reads < 5; reads++) statuses.add((await read(pair.two, run)).status);
      expect(await counted(pair.two, 'run', 'bypass')).to.equal(bypassed + 5);
      await end();
      const hits = await Promise.all(both().map((replica) => counted(replica, 'run', 'hit')));
      for (const [index, replica] of both().entries()) {
        await until(
          async () => {
            statuses.add((await read(replica, run)).status);
            return (await counted(replica, 'run', 'hit')) > (hits[index] ?? 0);
          },
          { timeoutMs: 10_000, what: 'runs to be shown from memory again' },
        );
      }
      expect([...statuses]).to.deep.equal(['cancelled']);
    });
  }
});
