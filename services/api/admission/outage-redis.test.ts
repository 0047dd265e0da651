import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { TEST_LIMITS } from '../../../redis/clocked-store.ts';
import {
  type ApiCluster,
  type ApiReplica,
  apiCluster,
  buildState,
  token,
} from '../../../tests/support/api/api-cluster.ts';
import type { HttpAnswer } from '../../../tests/support/api/http-client.ts';
import { storeWorkflow } from '../../../tests/support/api/store-workflow.ts';
import { type PrivateRedis, startRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';

const nothingPlaced = { position: null, estimated_wait_seconds: null };

/** Answers, and how long they took. */
async function timed(call: Promise<HttpAnswer>): Promise<HttpAnswer & { ms: number }> {
  const begun = performance.now();
  return { ...(await call), ms: performance.now() - begun };
}

describe('while Redis is away', function () {
  this.timeout(40_000);
  let server: PrivateRedis;
  let cluster: ApiCluster;
  let one: ApiReplica;
  let two: ApiReplica;
  let workflowId: string;
  const users = new Map<string, string>();

  beforeEach(async () => {
    server = await startRedis();
    cluster = await apiCluster({
      redisUrl: server.url,
      limits: { max_workflows: 2, queue_max: 8, queue_max_per_user: 4 },
    });
    [one, two] = [await cluster.addReplica(), await cluster.addReplica()];
    workflowId = await storeWorkflow(one);
    for (const user of ['ann', 'bob', 'cat', 'dan']) users.set(user, await token(user));
  });
  afterEach(async () => {
    server.resume();
    await cluster.close();
    await server.stop();
  });

  const start = (replica: ApiReplica, user: string, headers: Record<string, string> = {}) =>
    replica.http('POST', '/api/v1/trigger', {
      token: users.get(user) ?? '',
      body: { workflow_id: workflowId },
      headers,
    });
  const queued = async () => (await one.database.runs.list({ userId: null, status: 'queued', limit: 100 })).reverse();
  /** Where everything stands in Redis: those with a slot in the order of their grants, then the queue. */
  const order = async () => {
    const ready: string[] = [];
    while (true) {
      const [run] = await cluster.redis.slots.take(0.1, new AbortController().signal);
      if (run === undefined) break;
      ready.push(run.runId);
    }
    return [...ready, ...(await cluster.redis.queue.listQueued(0, 100))];
  };
  const placedAgain = (replica: ApiReplica) =>
    until(() => replica.log.lines.some(({ message }) => message === 'accepted runs have their places again'), {
      timeoutMs: 10_000,
      what: 'the replica to catch up',
    });

  it('accepts starts without a place, and gives places in the order of acceptance, over all replicas, when it is back', async () => {
    await server.stop();
    const accepted: string[] = [];
    for (const [replica, user] of [
      [one, 'ann'],
      [two, 'bob'],
      [one, 'cat'],
      [two, 'ann'],
      [one, 'bob'],
      [two, 'cat'],
    ] as const) {
      const answer = await timed(start(replica, user));
      expect(answer.status).to.equal(202);
      expect(answer.body.queue).to.deep.include(nothingPlaced);
      expect(new Date(answer.body.queue.expires_at).getTime()).to.be.greaterThan(Date.now());
      expect(answer.ms).to.be.below(2_500);
      accepted.push(answer.body.run_id);
    }
    expect((await queued()).map((run) => run.id)).to.deep.equal(accepted);
    await server.start();
    await Promise.all([placedAgain(one), placedAgain(two)]);
    expect(await order()).to.deep.equal(accepted);
    const next = await start(one, 'dan');
    expect(next.body.queue.position).to.equal(5);
  });

  it('asks again and again whether Redis is back, and reads Postgres for what has no place only then', async () => {
    const positions = one.redis.queue.positions.bind(one.redis.queue);
    let asked = 0;
    one.redis.queue.positions = (ids) => {
      asked++;
      return positions(ids);
    };
    const scans = async () => {
      const text = await one.metrics.registry.getSingleMetricAsString('weir_postgres_batch_duration_seconds');
      return Number(/_count\{kind="runs.queuedAll"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    await server.stop();
    await start(one, 'ann');
    await until(() => asked >= 3, { timeoutMs: 10_000, what: 'Redis to be asked three times' });
    expect(await scans()).to.equal(0);
    await server.start();
    await placedAgain(one);
    expect(await scans()).to.equal(1);
  });

  it('notices a frozen Redis within a second or so, and does not wait for it again', async () => {
    server.pause();
    const first = await timed(start(one, 'ann'));
    expect(first.body.queue).to.deep.include(nothingPlaced);
    expect(first.ms).to.be.below(2_500);
    const second = await timed(start(one, 'bob'));
    expect(second.body.queue).to.deep.include(nothingPlaced);
    expect(second.ms, 'ms; a second wait takes one second').to.be.below(900);
    server.resume();
    await placedAgain(one);
    expect(await order()).to.deep.equal([first.body.run_id, second.body.run_id]);
  });

  it('waits for the leader when the data is lost, and puts in what came meanwhile behind what was there', async () => {
    const before = [await start(one, 'ann'), await start(one, 'ann'), await start(one, 'ann')];
    await cluster.redis.rebuild.begin(2);
    const during = [await start(one, 'bob'), await start(two, 'cat')];
    for (const { status, body } of during) {
      expect(status).to.equal(202);
      expect(body.queue).to.deep.include(nothingPlaced);
    }
    await buildState(cluster.redis, { ...TEST_LIMITS, max_workflows: 0 }, 2);
    await Promise.all([placedAgain(one), placedAgain(two)]);
    const expected = [...before, ...during].map(({ body }) => body.run_id);
    expect(await order()).to.deep.equal(expected);
  });

  it('holds the bounds of the queue by itself: the user’s for 429, its own for 503', async () => {
    await server.stop();
    for (const user of ['ann', 'ann', 'ann', 'ann', 'bob', 'bob', 'bob', 'cat'])
      expect((await start(one, user)).status).to.equal(202);
    const own = await start(one, 'ann');
    expect(own.body).to.include({ status: 429, code: 'user_queue_full' });
    expect((await start(one, 'ann', { 'Idempotency-Key': 'another' })).status).to.equal(429);
    const all = await start(one, 'dan');
    expect(all.body).to.include({ status: 503, code: 'capacity_unavailable' });
    expect(Number(all.headers['retry-after'])).to.be.at.least(1);
    expect(await queued()).to.have.length(8);
    await server.start();
    await placedAgain(one);
    expect(await order()).to.have.length(8);
  });

  it('never refuses what was accepted, even when the queue turns out to be full', async () => {
    const earlier = Array.from({ length: 10 }, (_, index) => ({
      runId: randomUUID(),
      seq: index,
      userId: `u${index}`,
      workflowId,
      priority: 'high' as const,
      acceptedAt: Date.now(),
      expiresAt: 0,
      attemptFloor: 0,
    }));
    await cluster.redis.queue.admit(earlier);
    await server.stop();
    const accepted = [await start(one, 'ann'), await start(one, 'ann'), await start(one, 'bob')];
    await server.start();
    await placedAgain(one);
    expect((await order()).slice(10)).to.deep.equal(accepted.map(({ body }) => body.run_id));
    expect((await start(one, 'cat')).body.code).to.equal('queue_full');
  });

  it('keeps answering about runs, repeats of requests and cancellations', async () => {
    const key = { 'Idempotency-Key': 'k' };
    await server.stop();
    const accepted = await start(one, 'ann', key);
    expect((await start(two, 'ann', key)).body.run_id).to.equal(accepted.body.run_id);
    const ann = users.get('ann') ?? '';
    const shown = await one.http('GET', `/api/v1/runs/${accepted.body.run_id}`, { token: ann });
    expect(shown.body.queue).to.deep.include(nothingPlaced);
    expect((await one.http('GET', '/api/v1/queue', { token: ann })).body).to.deep.include({ length: null });
    const cancelled = await one.http('POST', `/api/v1/runs/${accepted.body.run_id}/cancel`, { token: ann });
    expect(cancelled.body.status).to.equal('cancelled');
    const kept = await start(one, 'ann');
    await server.start();
    await placedAgain(one);
    expect(await order()).to.deep.equal([kept.body.run_id]);
  });

  it('says so: ready, but with Redis down; status Degraded; capacity and tickets 503 with Retry-After', async () => {
    await server.stop();
    await until(async () => (await one.http('GET', '/ready')).body.parts.redis === 'down', {
      timeoutMs: 5_000,
      what: '/ready to say it',
    });
    expect((await one.http('GET', '/ready')).status).to.equal(200);
    expect((await one.http('GET', '/api/v1/system/status')).body).to.include({ status: 'Degraded' });
    const admin = await token('root', 'admin');
    for (const [method, path] of [
      ['GET', '/api/v1/admin/capacity'],
      ['POST', '/api/v1/ws-ticket'],
    ] as const) {
      const refused = await one.http(method, path, { token: admin });
      expect(refused.body).to.include({ status: 503, code: 'capacity_unavailable' });
      expect(Number(refused.headers['retry-after'])).to.be.at.least(1);
    }
  });

  it('tells the owner of a run that waited for Redis where it stands now', async () => {
    await cluster.redis.events.open('cat');
    for (const user of ['ann', 'bob']) await start(one, user);
    await server.stop();
    const waiting = await start(one, 'cat');
    await server.start();
    await placedAgain(one);
    const [event] = await until(
      async () => {
        const events = await cluster.redis.events.history('cat', 1);
        return events.length > 0 && events;
      },
      { timeoutMs: 5_000, what: 'the event' },
    );
    expect(event?.data).to.include({ run_id: waiting.body.run_id, position: 1 });
  });
});
