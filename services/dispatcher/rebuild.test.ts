import { expect } from 'chai';
import { DispatcherRig } from '../../tests/support/dispatcher/dispatcher-rig.ts';
import { Rebuild } from './rebuild.ts';

describe('Rebuild', () => {
  let rig: DispatcherRig;
  let rebuild: Rebuild;
  const signal = new AbortController().signal;

  beforeEach(async () => {
    rig = await DispatcherRig.open();
    const { db, redis, limits, log } = rig;
    rebuild = new Rebuild({ scripts: redis.rebuild, runs: db.runs, settings: db.settings, defaultLimits: limits, log });
  });
  afterEach(() => rig.close());

  it('opens an empty cluster with the default limits', async () => {
    expect(await rebuild.run(1, signal)).to.deep.equal({ kind: 'done' });
    const state = await rig.redis.cluster.read();
    expect(state).to.deep.include({ kind: 'state', limits: rig.limits, queueLength: 0, slotsHeld: 0 });
  });

  it('puts the limits of an administrator before the defaults', async () => {
    await rig.db.settings.saveLimits({ max_workflows: 7 }, 'admin');
    await rebuild.run(1, signal);
    expect(await rig.redis.cluster.read()).to.have.deep.property('limits', { ...rig.limits, max_workflows: 7 });
  });

  it('keeps the order by acceptance and priority of all that wait', async () => {
    const normal = await rig.accept(3, { ageMs: 10_000 });
    const high = await rig.accept(2, { priority: 'high' });
    const low = await rig.accept(1, { priority: 'low', ageMs: 20_000 });
    await rebuild.run(1, signal);
    expect(await rig.queued()).to.deep.equal([...high, ...normal, ...low].map((run) => run.id));
  });

  it('counts running runs before anything starts, so that the limit holds although no worker is back yet', async () => {
    await rig.openGeneration(1);
    const runs = await rig.accept(5);
    await rig.admit(runs);
    const { run } = await rig.begin();
    await rig.begin();
    await rebuild.run(2, signal);
    expect(await rig.slotsHeld()).to.equal(2);
    expect((await rig.redis.queue.dequeue(2, 100)).kind).to.equal('dequeued');
    expect(await rig.slotsHeld()).to.equal(2);
    expect(await rig.redis.slots.renew([{ runId: run.id, attempt: run.attempt }])).to.deep.equal(['held']);
  });

  it('puts a run that had its slot but no worker yet back to its place, the first', async () => {
    await rig.openGeneration(1);
    const runs = await rig.accept(4);
    await rig.admit(runs);
    await rig.begin();
    await rebuild.run(2, signal);
    expect(await rig.slotsHeld()).to.equal(1);
    expect(await rig.queued()).to.deep.equal(runs.slice(1).map((run) => run.id));
  });

  it('has running runs rescued one lease later if no worker renews them', async () => {
    await rig.openGeneration(1);
    await rig.admit(await rig.accept(2));
    const renewed = await rig.begin();
    const lost = await rig.begin();
    await rebuild.run(2, signal);
    for (let i = 0; i < 4; i++) {
      await rig.moveClock(4_000);
      await rig.redis.slots.renew([{ runId: renewed.run.id, attempt: renewed.run.attempt }]);
      await rig.redis.slots.rescue(2);
    }
    expect(await rig.ready()).to.deep.equal([lost.run.id]);
  });

  it('goes on counting starts where Postgres has them', async () => {
    await rig.openGeneration(1);
    await rig.admit(await rig.accept(2));
    const { ready } = await rig.begin();
    await rebuild.run(2, signal);
    await rig.redis.queue.dequeue(2, 1);
    expect((await rig.begin()).ready.grantNo).to.equal(ready.grantNo + 1);
  });

  it('has a thousand waiting runs back within seconds', async () => {
    await rig.accept(1_000);
    const begun = performance.now();
    await rebuild.run(1, signal);
    expect(performance.now() - begun, 'ms').to.be.below(5_000);
    expect(await rig.queueLength()).to.equal(1_000);
  });

  it('leaves the rebuild to a later leader', async () => {
    await rig.redis.rebuild.begin(5);
    expect(await rebuild.run(4, signal)).to.deep.equal({ kind: 'stale_epoch' });
  });

  it('opens nothing after its leadership ended', async () => {
    const outcome = await rebuild.run(1, AbortSignal.abort('lock_expired')).catch((reason: unknown) => reason);
    expect(outcome).to.equal('lock_expired');
    expect(await rig.redis.rebuild.isMissing()).to.equal(true);
  });
});
