import { expect } from 'chai';
import { Keys } from '../../redis/keys.ts';
import { TEXTS } from '../../shared/protocol/texts.ts';
import type { Listener } from '../support/cluster/listener.ts';
import { refusedSocket } from '../support/cluster/refused-socket.ts';
import { mostAtOnce, startOrder } from '../support/cluster/run-record.ts';
import { scrapedMetric } from '../support/cluster/scraped-metric.ts';
import { delayStep, REDIS_PREFIX, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';

const HIGH_DEMAND = 'High demand - new workflows may be delayed';
/** Long enough to be there before, during and after the rush (s). */
const LONG_SECONDS = 5;

describe('capacity of three replicas, 25 users and 10 runs', function () {
  this.timeout(40_000);
  let stage: Stage;
  let long: string;
  let short: string;
  /** One socket a user, in the order in which they came. */
  const crowd: Listener[] = [];

  before(async function () {
    this.timeout(90_000);
    stage = await Stage.open();
    long = await stage.workflow('long', delayStep('wait', LONG_SECONDS));
    short = await stage.workflow('short', delayStep('wait', 1));
  });
  after(async function () {
    this.timeout(30_000);
    await stage?.close();
  });

  /** The n-th user connects, users in turn to each replica and to Nginx. */
  async function join(n: number): Promise<Listener> {
    const listener = stage.person(`user-${n}`).listen(n % 4 === 0 ? undefined : stage.replica(n % 4));
    crowd.push(listener);
    return listener.live();
  }

  async function joinAll(from: number, to: number): Promise<void> {
    await Promise.all(Array.from({ length: to - from + 1 }, (_, index) => join(from + index)));
  }

  const warnings = (listener: Listener) => listener.ofType('CAPACITY_WARNING');
  const everybody = (type: 'CAPACITY_WARNING' | 'CAPACITY_CLEARED', times: number, timeoutMs = 15_000) =>
    until(() => crowd.every((listener) => listener.ofType(type).length >= times), {
      timeoutMs,
      what: `everybody to hear ${type} ${times} times`,
    });

  it('five tabs of one user on three replicas are one user, until the last is closed', async () => {
    const ada = stage.person('ada');
    const tabs = [1, 1, 2, 2, 3].map((n) => ada.listen(stage.replica(n)));
    await Promise.all(tabs.map((tab) => tab.live()));
    const sockets = await Promise.all(stage.cluster.replicas.map((each) => scrapedMetric(each, 'weir_sockets_open')));
    expect(sockets).to.deep.equal([2, 2, 1]);
    expect((await stage.capacity()).active_users).to.equal(1);

    const keys = new Keys(REDIS_PREFIX);
    const leases = () => stage.store.connections.command.zcard(keys.capacity('userLeases'));
    expect(await leases(), 'one lease a replica').to.equal(3);
    await Promise.all(tabs.slice(0, 4).map((tab) => tab.close()));
    await until(async () => (await leases()) === 1, { timeoutMs: 5_000, what: 'two leases to end' });
    expect((await stage.capacity()).active_users).to.equal(1);
    await tabs[4]?.close();
    await until(async () => (await stage.capacity()).active_users === 0, {
      timeoutMs: 5_000,
      what: 'nobody to be left',
    });
  });

  it('the 20th user makes every new start wait, in order, and warns every socket once, while runs go on', async () => {
    await joinAll(1, 19);
    const running = await Promise.all([1, 2, 3].map((n) => stage.person(`user-${n}`).start({ workflow_id: long })));
    expect(running.map((answer) => answer.body.queue)).to.deep.equal([null, null, null]);
    expect((await stage.capacity()).level).to.equal('normal');
    expect(crowd.flatMap(warnings), 'no warning at 19').to.deep.equal([]);

    await join(20);
    await everybody('CAPACITY_WARNING', 1, 1_000);

    const waiting: string[] = [];
    for (let n = 1; n <= 12; n++) {
      const { status, body } = await stage.person(`user-${n}`).start({ workflow_id: short }, { at: stage.replica(n) });
      expect({ status, message: body.message }).to.deep.equal({ status: 202, message: HIGH_DEMAND });
      expect(body.queue?.position, 'a place in the queue although slots are free').to.be.at.least(1);
      waiting.push(body.run_id);
    }

    // Those who come while it lasts hear it too; higher levels do not repeat it.
    await joinAll(21, 25);
    crowd.push(await stage.person('user-1').listen(stage.replica(2)).live());
    await everybody('CAPACITY_WARNING', 1);
    expect((await stage.capacity()).level).to.equal('saturated');

    const runs = await stage.record.ended([...running.map((answer) => answer.body.run_id), ...waiting], 30_000);
    expect(runs.every((run) => run.status === 'succeeded' && run.attempt === 1)).to.equal(true);
    expect(startOrder(runs).slice(3)).to.deep.equal(waiting);
    expect(mostAtOnce(runs), 'as many as there are slots').to.equal(10);
    const [first] = runs;
    expect((first?.finishedAt ?? 0) - (first?.startedAt ?? 0), 'nobody slowed the runs there were').to.be.within(
      LONG_SECONDS * 1_000,
      LONG_SECONDS * 1_000 + 2_000,
    );
    for (const listener of crowd) {
      expect(warnings(listener).map((frame) => frame.data.message)).to.deep.equal([TEXTS.highDemand]);
      expect(warnings(listener)[0]?.data.message).to.equal(HIGH_DEMAND);
      expect(listener.ofType('DEGRADED_MODE_ACTIVE')).to.have.length(1);
    }
  });

  it('beyond the hard limit every replica refuses newcomers with 503 and Retry-After, and nobody who is there', async () => {
    await stage.admin.api(stage.replica(1)).patchCapacity({ hard_limit_users: 25 });
    const newcomer = await stage.cluster.token('newcomer');
    for (const { url } of [...stage.cluster.replicas, { url: stage.cluster.nginxUrl }]) {
      const refusal = await refusedSocket(url, newcomer);
      expect(refusal?.status).to.equal(503);
      expect(refusal?.problem.code).to.equal('users_full');
      expect(refusal?.retryAfterSeconds).to.be.within(12, 18);
    }
    const known = await stage.cluster.token('user-1');
    expect(await refusedSocket(stage.replica(3).url, known), 'a further tab of a user').to.equal(null);
    expect(crowd.every((listener) => listener.connection.state.kind === 'live')).to.equal(true);

    await crowd[24]?.close();
    await until(async () => (await refusedSocket(stage.replica(3).url, newcomer)) === null, {
      timeoutMs: 5_000,
      what: 'the place of one who left',
    });
    crowd.splice(24, 1);
    await stage.admin.api().patchCapacity({ hard_limit_users: 0, max_users: 1_000 });
  });

  it('limits changed through one replica hold on all of them at once', async () => {
    const patchedBy = (n: number) => stage.admin.api(stage.replica(n));
    const start = (user: string, n: number) =>
      stage.person(user).start({ workflow_id: short }, { at: stage.replica(n) });

    await patchedBy(1).patchCapacity({ max_workflows: 0, queue_timeout_seconds: 77 });
    const held = await Promise.all([1, 2, 3].map((n) => start('user-1', n)));
    await patchedBy(2).patchCapacity({ queue_max_per_user: 3 });
    for (const n of [1, 2, 3]) expect((await start('user-1', n)).status, `replica ${n} refuses`).to.equal(429);
    await patchedBy(3).patchCapacity({ queue_max_per_user: 20 });
    for (const n of [1, 2, 3]) held.push(await start('user-1', n));
    expect(held.map(({ status }) => status)).to.deep.equal(held.map(() => 202));

    const openedAt = Date.now();
    await patchedBy(2).patchCapacity({ max_workflows: 10, queue_timeout_seconds: 300 });
    const runs = await stage.record.ended(
      held.map(({ body }) => body.run_id),
      15_000,
    );
    expect(
      runs.filter((run) => (run.grantedAt ?? 0) < openedAt),
      'nothing started without a slot',
    ).to.deep.equal([]);
    expect(runs.map((run) => Math.round((run.expiresAt - run.acceptedAt) / 1_000))).to.deep.equal(runs.map(() => 77));
  });

  it('the end of the rush is told once, 10 seconds after it, and the next one is a new warning to everybody', async () => {
    await everybody('CAPACITY_CLEARED', 1);
    expect((await stage.capacity()).level).to.equal('normal');
    await stage.admin.api(stage.replica(2)).patchCapacity({ max_users: 30 });
    await everybody('CAPACITY_WARNING', 2, 1_000);
    for (const listener of crowd) {
      expect(listener.frames.flatMap(({ type }) => (/^CAPACITY_/.test(type) ? [type] : []))).to.deep.equal([
        'CAPACITY_WARNING',
        'CAPACITY_CLEARED',
        'CAPACITY_WARNING',
      ]);
    }
  });
});
