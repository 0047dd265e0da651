import { expect } from 'chai';
import { DispatcherRig, type RigDispatcher } from '../../tests/support/dispatcher/dispatcher-rig.ts';
import { metricValue } from '../../tests/support/metric-value.ts';
import { startRedis } from '../../tests/support/redis.ts';
import { until } from '../../tests/support/until.ts';

describe('the dispatcher', () => {
  let rig: DispatcherRig;
  afterEach(() => rig.close());

  const ids = (runs: Array<{ id: string }>) => runs.map((run) => run.id);
  const start = async (count = 1): Promise<RigDispatcher[]> => {
    const dispatchers = Array.from({ length: count }, () => rig.dispatcher());
    await Promise.all(dispatchers.map(({ service }) => service.start()));
    return dispatchers;
  };
  /** One worker doing one run after the other; answers them in the order in which they began, with the ms between beginnings. */
  const workOff = async (
    count: number,
    between: (done: number) => Promise<unknown> = async () => {},
    beforeEnd: () => Promise<unknown> = async () => {},
  ) => {
    const begun: string[] = [];
    const gaps: number[] = [];
    let last = performance.now();
    for (let done = 1; done <= count; done++) {
      const { run } = await rig.begin(8_000);
      begun.push(run.id);
      gaps.push(performance.now() - last);
      last = performance.now();
      await beforeEnd();
      await rig.end(run);
      await between(done);
    }
    return { begun, gaps };
  };

  it('opens a fresh cluster within a second', async () => {
    rig = await DispatcherRig.open();
    await start(3);
    await rig.generationOpen(1_000);
    expect(await rig.redis.cluster.read()).to.have.deep.property('limits', rig.limits);
  });

  for (const [how, beforeEnd] of [
    ['on its word', async () => {}],
    ['when woken, while its word does not hold', () => rig.withdrawWord()],
  ] as const)
    it(`lets the next in line have a freed slot at once, without waiting for its clock (${how})`, async () => {
      rig = await DispatcherRig.open({ limits: { max_workflows: 1 } });
      await start();
      await rig.generationOpen();
      await rig.admit(await rig.accept(20));
      const { gaps } = await workOff(20, undefined, beforeEnd);
      // By its clock alone it would give one a second.
      expect(gaps.toSorted((a, b) => a - b)[10]).to.be.below(500);
    });

  it('ends a wait at its deadline although nothing else happens', async () => {
    rig = await DispatcherRig.open({ limits: { max_workflows: 0 } });
    await start();
    await rig.generationOpen();
    await rig.redis.events.open(rig.user);
    const [run] = await rig.accept(1, { queueTimeoutSeconds: 1.2 });
    await rig.admit(run ? [run] : []);
    await until(async () => (await rig.redis.events.history(rig.user, 1)).length > 0, {
      timeoutMs: 5_000,
      what: 'the event',
    });
    expect(await rig.status(run?.id ?? '')).to.equal('timed_out');
    const ended = await rig.db.runs.get(run?.id ?? '');
    expect((ended?.finishedAt?.getTime() ?? 0) - (ended?.expiresAt.getTime() ?? 0)).to.be.within(-5, 500);
  });

  it('starts runs that were accepted while nobody admitted them, in order', async () => {
    rig = await DispatcherRig.open({ limits: { max_workflows: 3 } });
    await rig.openGeneration(0);
    const runs = await rig.accept(5, { ageMs: 30_000 });
    await start();
    await until(async () => (await rig.ready()).length === 3, { timeoutMs: 5_000, what: 'the runs to be ready' });
    expect(await rig.ready()).to.deep.equal(ids(runs.slice(0, 3)));
    expect(await rig.queued()).to.deep.equal(ids(runs.slice(3)));
  });

  it('keeps the order and starts nothing twice when the leader is killed in mid-drain, and is back within 6 s', async () => {
    rig = await DispatcherRig.open({ limits: { max_workflows: 1 } });
    await start(2);
    await rig.generationOpen();
    const runs = await rig.accept(12);
    await rig.admit(runs);
    const { begun, gaps } = await workOff(12, async (done) => done === 5 && (await rig.leader()).kill());
    expect(begun).to.deep.equal(ids(runs));
    expect(Math.max(...gaps)).to.be.below(6_000);
  });

  it('keeps the order without a gap when the leader is stopped in mid-drain', async () => {
    rig = await DispatcherRig.open({ limits: { max_workflows: 1 } });
    await start(2);
    await rig.generationOpen();
    const runs = await rig.accept(12);
    await rig.admit(runs);
    const { begun, gaps } = await workOff(12, async (done) => done === 5 && (await rig.leader()).stop());
    expect(begun).to.deep.equal(ids(runs));
    expect(Math.max(...gaps)).to.be.below(1_000);
  });

  it('steps down when Redis has seen a later epoch, and leads again under a still later one', async () => {
    rig = await DispatcherRig.open();
    const [dispatcher] = await start();
    await rig.generationOpen();
    const later = await rig.db.epochs.next();
    await rig.redis.cluster.refreshLevel(later);
    const epoch = () => (dispatcher ? metricValue(dispatcher.metrics.capacity.epoch) : 0);
    await until(async () => (await epoch()) > later, { timeoutMs: 5_000, what: 'the next term' });
    const reasons = dispatcher?.log.lines.flatMap((line) => line.fields.reason ?? []);
    expect(reasons).to.deep.equal(['stale_epoch']);
  });

  it('has the run of a lost worker ready again after one lease', async () => {
    rig = await DispatcherRig.open();
    const [dispatcher] = await start();
    await rig.generationOpen();
    await rig.admit(await rig.accept(1));
    const { run } = await rig.begin();
    await rig.passTime(16_000);
    const again = await rig.begin();
    expect(again.run).to.include({ id: run.id, attempt: 2 });
    expect(dispatcher && (await metricValue(dispatcher.metrics.runs.rescued))).to.equal(1);
  });

  it('publishes how long each place in the queue waits', async () => {
    rig = await DispatcherRig.open({ limits: { max_workflows: 1 } });
    await start();
    await rig.generationOpen();
    await rig.admit(await rig.accept(3));
    await rig.end((await rig.begin()).run, 20_000);
    const curve = await until(
      async () => {
        const state = await rig.redis.cluster.read();
        return state.kind === 'state' && state.estimate;
      },
      { timeoutMs: 5_000, what: 'an estimate' },
    );
    expect(curve.seconds[0]).to.be.within(15, 20);
  });

  describe('when Redis', () => {
    it('has lost its data, builds the state anew in the old order, counting the slots of running runs', async () => {
      const server = await startRedis({ durable: false });
      rig = await DispatcherRig.open({ redisUrl: server.url, limits: { max_workflows: 3 } });
      await start(2);
      await rig.generationOpen();
      const runs = await rig.accept(30);
      await rig.admit(runs);
      const first = await rig.begin();
      const second = await rig.begin();

      await server.command('FLUSHALL');
      await rig.generationOpen();
      await until(async () => (await rig.slotsHeld()) === 3, { timeoutMs: 5_000, what: 'the free slot to be given' });
      expect(await rig.ready()).to.deep.equal([runs[2]?.id]);
      expect(await rig.queued()).to.deep.equal(ids(runs.slice(3)));
      const renewed = [first, second].map(({ run }) => ({ runId: run.id, attempt: run.attempt }));
      expect(await rig.redis.slots.renew(renewed)).to.deep.equal(['held', 'held']);
      expect((await rig.begin()).ready.grantNo).to.be.greaterThan(second.ready.grantNo);
      await server.stop();
    });

    it('restarts with its data, goes on where it was', async () => {
      const server = await startRedis();
      rig = await DispatcherRig.open({ redisUrl: server.url, limits: { max_workflows: 1 } });
      await start(2);
      await rig.generationOpen();
      const runs = await rig.accept(4);
      await rig.admit(runs);
      const { run } = await rig.begin();
      await server.kill();
      await server.start();
      await rig.redis.connections.ready();
      await rig.end(run);
      await until(async () => (await rig.ready()).length === 1, { timeoutMs: 9_000, what: 'the next run to be ready' });
      expect(await rig.ready()).to.deep.equal([runs[1]?.id]);
      await server.stop();
    });
  });
});
