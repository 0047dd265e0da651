import { expect } from 'chai';
import { DispatcherRig } from '../../tests/support/dispatcher/dispatcher-rig.ts';
import { metricValue } from '../../tests/support/metric-value.ts';
import { Places } from './places.ts';
import { QueueTimeout } from './queue-timeout.ts';
import { Reconcile } from './reconcile.ts';
import { Retelling } from './retelling.ts';
import { SlotAudit } from './slot-audit.ts';

const SETTLED = { ageMs: 60_000 };

describe('Reconcile', () => {
  let rig: DispatcherRig;
  let reconcile: Reconcile;
  const signal = new AbortController().signal;

  beforeEach(async () => {
    rig = await DispatcherRig.open();
    await rig.openGeneration(1);
    const { db, redis, metrics, log } = rig;
    const { queue, cluster, rebuild, events } = redis;
    const queueTimeout = new QueueTimeout({ runs: db.runs, events, metrics: metrics.runs, log });
    const retelling = new Retelling({ runs: db.runs, events });
    const slotAudit = new SlotAudit({ runs: db.runs, queue, cluster, metrics: metrics.capacity, log });
    const places = new Places({ runs: db.runs, queue, events, log });
    const parts = { queueTimeout, places, retelling, slotAudit };
    reconcile = new Reconcile({ rebuild, runs: db.runs, queue, cluster, ...parts, log });
  });
  afterEach(() => rig.close());

  const ids = (runs: Array<{ id: string }>) => runs.map((run) => run.id);
  const drift = () => metricValue(rig.metrics.capacity.leaseDrift);

  it('gives runs that never reached Redis their old place among those that did', async () => {
    const runs = await rig.accept(6, SETTLED);
    const known = runs.filter((_, index) => index % 2 === 0);
    await rig.redis.cluster.setLimits({ ...rig.limits, max_workflows: 0 });
    await rig.admit(known);
    expect(await reconcile.round(1, signal)).to.deep.equal({ kind: 'done', nextInMs: null });
    expect(await rig.queued()).to.deep.equal(ids(runs));
  });

  it('keeps what was promised even when the queue is full by now', async () => {
    await rig.redis.cluster.setLimits({ ...rig.limits, max_workflows: 0, queue_max: 1, queue_max_per_user: 1 });
    const runs = await rig.accept(5, SETTLED);
    await reconcile.round(1, signal);
    expect(await rig.queued()).to.deep.equal(ids(runs));
  });

  it('ends lost runs whose wait is over, and leaves those waiting in Redis to the drain', async () => {
    const [lost, known] = await rig.accept(2, { ageMs: 400_000 });
    await rig.redis.cluster.setLimits({ ...rig.limits, max_workflows: 0 });
    await rig.admit(known ? [known] : []);
    await reconcile.round(1, signal);
    expect(await rig.status(lost?.id ?? '')).to.equal('timed_out');
    expect(await rig.status(known?.id ?? '')).to.equal('queued');
  });

  it('does not end a run that holds a slot already, however long it waits for a worker', async () => {
    const runs = await rig.accept(2, SETTLED);
    await rig.admit(runs);
    await rig.sql.query(`UPDATE runs SET expires_at = now() - interval '1 minute'`);
    await reconcile.round(1, signal);
    expect(await rig.status(runs[0]?.id ?? '')).to.equal('queued');
    expect(await rig.ready()).to.deep.equal(ids(runs));
  });

  it('leaves a run just accepted to the replica that is admitting it', async () => {
    await rig.accept(1);
    await reconcile.round(1, signal);
    expect(await rig.slotsHeld()).to.equal(0);
    expect(await rig.queueLength()).to.equal(0);
  });

  it('compares more runs than fit one page', async () => {
    await rig.redis.cluster.setLimits({ ...rig.limits, max_workflows: 0 });
    await rig.accept(2_300, SETTLED);
    await reconcile.round(1, signal);
    expect(await rig.queueLength()).to.equal(2_300);
  });

  it('finds places of runs that were cancelled without Redis being told', async () => {
    await rig.redis.cluster.setLimits({ ...rig.limits, max_workflows: 0 });
    const runs = await rig.accept(3, SETTLED);
    await rig.admit(runs);
    await rig.db.runs.cancel(runs[1]?.id ?? '', null);
    await reconcile.round(1, signal);
    expect(await rig.queued()).to.deep.equal([runs[0]?.id, runs[2]?.id]);
  });

  it('says that the state has to be rebuilt, also when nobody waits', async () => {
    await rig.redis.rebuild.begin(2);
    expect(await reconcile.round(2, signal)).to.deep.equal({ kind: 'rebuilding' });
  });

  it('ends early when the leadership does', async () => {
    await rig.accept(1, SETTLED);
    const outcome = await reconcile.round(1, AbortSignal.abort('lock_expired')).catch((reason: unknown) => reason);
    expect(outcome).to.equal('lock_expired');
    expect(await rig.queueLength()).to.equal(0);
  });

  it('reports no drift while runs wait in the ready list and run', async () => {
    await rig.admit(await rig.accept(3, SETTLED));
    await rig.begin();
    await reconcile.round(1, signal);
    expect(await drift()).to.equal(0);
  });

  it('reports slots of runs that have ended as drift, until they are given back', async () => {
    const runs = await rig.accept(2, SETTLED);
    await rig.admit(runs);
    const { run } = await rig.begin();
    await rig.db.runs.cancel(runs[1]?.id ?? '', null);
    await rig.db.runs.finish({ runId: run.id, attempt: 1, status: 'succeeded', result: null, error: null });
    await reconcile.round(1, signal);
    expect(await drift()).to.equal(2);
    await rig.redis.slots.release([{ runId: run.id, attempt: 1, sample: null }]);
    await reconcile.round(1, signal);
    expect(await drift()).to.equal(1);
  });

  it('brings a running run that lost its slot back to the front of the queue, and shuts its old worker out', async () => {
    const [stranded, waiting] = await rig.accept(2, SETTLED);
    await rig.admit(stranded ? [stranded] : []);
    const { run } = await rig.begin();
    await rig.redis.slots.release([{ runId: run.id, attempt: run.attempt, sample: null }]);
    await rig.redis.cluster.setLimits({ ...rig.limits, max_workflows: 0 });
    await rig.admit(waiting ? [waiting] : []);

    await reconcile.round(1, signal);
    expect(await drift()).to.equal(-1);
    expect(await rig.queued()).to.deep.equal([stranded?.id, waiting?.id]);
    await reconcile.round(1, signal);
    expect(await drift()).to.equal(0);

    await rig.redis.cluster.setLimits({ ...rig.limits, max_workflows: 1 });
    await rig.redis.queue.dequeue(1, 10);
    expect(await rig.redis.slots.renew([{ runId: run.id, attempt: run.attempt }])).to.deep.equal(['lost']);
    expect((await rig.begin()).run).to.include({ id: stranded?.id, attempt: 2 });
  });
});
