import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Listener } from '../support/cluster/listener.ts';
import { mostAtOnce, type RecordedRun, startOrder } from '../support/cluster/run-record.ts';
import { scrapedMetric } from '../support/cluster/scraped-metric.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';

const SLOTS = 4;
/** Waiting when Redis goes; as many more come while it is away as there are replicas. */
const WAITING = 30;
const USERS = ['ada', 'bob', 'eve'];

describe('Redis, restarted under three replicas', function () {
  this.timeout(60_000);
  let stage: Stage;
  let short: string;
  let long: string;
  let listeners: Listener[];

  before(async function () {
    this.timeout(90_000);
    stage = await Stage.open({ settings: { WEIR_MAX_WORKFLOWS: String(SLOTS), WEIR_QUEUE_MAX_PER_USER: '100' } });
    short = await stage.workflow('short', delayStep('wait', 0.2));
    long = await stage.workflow('long', delayStep('wait', 4));
    const sockets = USERS.map((user, index) => stage.person(user).listen(stage.replica(index + 1)));
    listeners = await Promise.all(sockets.map((socket) => socket.live()));
  });
  after(async function () {
    this.timeout(30_000);
    await stage?.close();
  });

  const user = (n: number) => stage.person(USERS[n % USERS.length] ?? '');

  async function start(workflow_id: string, n: number): Promise<string> {
    const { status, body } = await user(n).start({ workflow_id }, { at: stage.replica(n + 1) });
    expect(status).to.equal(202);
    return body.run_id;
  }

  /**
   * Two long runs and two short ones have the slots, many wait. Then Redis goes, as `stop` says; while it is away a start on every
   * replica is accepted; after `meanwhile` it comes back, and everything ends. Resolves to all runs, in the order of their acceptance.
   */
  async function liveThrough(stop: () => Promise<void>, meanwhile: (ids: string[]) => Promise<unknown>) {
    const ids = [await start(long, 0), await start(long, 1)];
    for (let n = 0; n < WAITING; n++) ids.push(await start(short, n));
    const watch = stage.watchSlots();
    await until(async () => startOrder(await stage.record.runs(ids)).length >= 10, {
      timeoutMs: 10_000,
      what: 'the queue to move',
    });

    await stop();
    const late = await Promise.all(
      [0, 1, 2].map((n) => user(n).start({ workflow_id: short }, { at: stage.replica(n + 1) })),
    );
    for (const { status, body } of late) {
      expect({ status, position: body.queue?.position }).to.deep.equal({ status: 202, position: null });
    }
    await meanwhile(ids);
    const startingAt = Date.now();
    await stage.cluster.redis.start();

    const runs = await stage.record.ended([...ids, ...late.map(({ body }) => body.run_id)], 40_000);
    const next = Math.min(...runs.map((run) => run.grantedAt ?? 0).filter((at) => at > startingAt));
    return { runs, nextStartMs: next - startingAt, watch: await watch.stop() };
  }

  function expectOrderKept(runs: RecordedRun[], { mostSlots }: { mostSlots: number }): void {
    expect(runs.filter((run) => run.status !== 'succeeded' || run.attempt !== 1)).to.deep.equal([]);
    expect(new Set(runs.map((run) => run.startNo))).to.have.property('size', runs.length);
    expect(startOrder(runs)).to.deep.equal(runs.map((run) => run.id));
    expect({ mostSlots, mostAtOnce: mostAtOnce(runs) }).to.deep.equal({ mostSlots: SLOTS, mostAtOnce: SLOTS });
  }

  it('with its data: starts are accepted and wait, running runs go on, and then the queue goes on in order', async () => {
    // So long that the leader has lost its lock and the long runs have ended.
    const meanwhile = async (ids: string[]) => {
      await until(async () => (await stage.admin.api(stage.replica(2)).status()).status === 'Degraded', {
        timeoutMs: 5_000,
        what: 'the status to say so',
      });
      const running = (await stage.record.runs(ids)).filter(({ status }) => status === 'running');
      await stage.record.ended(
        running.map(({ id }) => id),
        10_000,
      );
      await until(
        async () => {
          const leaders = await Promise.all(stage.cluster.replicas.map((each) => scrapedMetric(each, 'weir_leader')));
          return leaders.every((leading) => leading === 0);
        },
        { timeoutMs: 10_000, what: 'nobody to lead any more' },
      );
    };
    const { runs, nextStartMs, watch } = await liveThrough(() => stage.cluster.redis.stop(), meanwhile);
    expectOrderKept(runs, watch);
    expect(nextStartMs).to.be.at.most(5_000);
    for (const listener of listeners) {
      const mine = runs.filter(({ userId }) => userId === USERS[listeners.indexOf(listener)]).map(({ id }) => id);
      await listener.heard(() => listener.runsOf('WORKFLOW_COMPLETED').length >= mine.length, 'all ends');
      expect(listener.runsOf('WORKFLOW_COMPLETED')).to.have.members(mine);
      expect(listener.stored.map(({ offset }) => offset)).to.deep.equal(listener.stored.map((_, index) => index + 1));
      expect(
        listener.states.filter(({ kind }) => kind === 'waiting'),
        'the socket stays',
      ).to.deep.equal([]);
    }
  });

  it('with its data lost: the queue comes back from Postgres in its order, and no run starts that has no slot', async () => {
    const { redis, logDir } = stage.cluster;
    const lose = async () => {
      await redis.kill();
      rmSync(join(dirname(logDir), 'parts/redis/appendonlydir'), { recursive: true });
    };
    const { runs, watch, nextStartMs } = await liveThrough(lose, async (ids) => {
      const running = (await stage.record.runs(ids)).filter(({ status }) => status === 'running');
      expect(running, 'runs whose slots only their workers know of').not.to.deep.equal([]);
    });
    expectOrderKept(runs, watch);
    expect(nextStartMs).to.be.at.most(5_000);
    for (const listener of listeners) {
      const mine = runs.filter(({ userId }) => userId === USERS[listeners.indexOf(listener)]).map(({ id }) => id);
      // What ended while nothing could be told is in the snapshot that the socket gets.
      const lastId = mine.at(-1) ?? '';
      await listener.heard(() => listener.runsOf('WORKFLOW_COMPLETED').includes(lastId), 'the last end');
      expect(
        listener.states.filter(({ kind }) => kind === 'waiting'),
        'the socket stays',
      ).to.deep.equal([]);
      // At the beginning, and after either outage.
      expect(listener.ofType('SNAPSHOT')).to.have.length(3);
    }
  });
});
