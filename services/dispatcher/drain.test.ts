import { expect } from 'chai';
import { DispatcherRig } from '../../tests/support/dispatcher/dispatcher-rig.ts';
import { Drain } from './drain.ts';
import { QueueTimeout } from './queue-timeout.ts';

describe('Drain', () => {
  let rig: DispatcherRig;
  let drain: Drain;

  beforeEach(async () => {
    rig = await DispatcherRig.open({ limits: { max_workflows: 0 } });
    await rig.openGeneration(1);
    const { db, redis, metrics, log } = rig;
    const queueTimeout = new QueueTimeout({ runs: db.runs, events: redis.events, metrics: metrics.runs, log });
    drain = new Drain({ queue: redis.queue, queueTimeout, log });
  });
  afterEach(() => rig.close());

  const allow = (max_workflows: number) => rig.redis.cluster.setLimits({ ...rig.limits, max_workflows });

  it('gives free slots to those who wait longest, and knows of nothing to come but their deadlines', async () => {
    const runs = await rig.accept(4);
    await rig.admit(runs.toReversed());
    await allow(2);
    const result = await drain.round(1);
    expect(await rig.ready()).to.deep.equal([runs[0]?.id, runs[1]?.id]);
    expect(await rig.queued()).to.deep.equal([runs[2]?.id, runs[3]?.id]);
    expect(result).to.have.property('nextInMs').within(290_000, 300_000);
  });

  it('ends waits that are over and tells their owner once', async () => {
    await rig.redis.events.open(rig.user);
    const [late, inTime] = await rig.accept(2, { ageMs: 299_000 });
    await rig.admit([late, inTime].flatMap((run) => run ?? []));
    await rig.moveClock(1_000);
    await drain.round(1);
    await rig.moveClock(1_000);
    await drain.round(1);
    expect(await rig.status(late?.id ?? '')).to.equal('timed_out');
    const told = await rig.redis.events.history(rig.user, 1);
    expect(told.map((frame) => [frame.type, 'run_id' in frame.data && frame.data.run_id])).to.deep.equal([
      ['WORKFLOW_QUEUE_TIMEOUT', late?.id],
      ['WORKFLOW_QUEUE_TIMEOUT', inTime?.id],
    ]);
  });

  it('never both starts and ends a wait, with two leaders at work at once', async () => {
    const overdue = await rig.accept(20, { ageMs: 301_000 });
    const waiting = await rig.accept(30);
    await rig.admit([...overdue, ...waiting]);
    await allow(20);
    const another = rig.dispatcher().store.queue;
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? rig.redis.queue : another).dequeue(1, 3)),
    );
    const dequeued = answers.flatMap((answer) => (answer.kind === 'dequeued' ? [answer] : []));
    const expired = dequeued.flatMap((answer) => answer.expired.map((run) => run.runId));
    const granted = dequeued.flatMap((answer) => answer.granted.map((run) => run.runId));
    expect(expired).to.have.members(overdue.map((run) => run.id));
    expect(granted).to.have.members(waiting.slice(0, 20).map((run) => run.id));
    expect(await rig.ready()).to.deep.equal(waiting.slice(0, 20).map((run) => run.id));
  });

  it('does nothing for a leader whose epoch is over', async () => {
    await rig.admit(await rig.accept(1));
    await allow(1);
    await rig.redis.cluster.refreshLevel(7);
    expect(await drain.round(6)).to.deep.equal({ kind: 'stale_epoch' });
    expect(await rig.ready()).to.deep.equal([]);
  });

  it('starts nothing while the state has to be rebuilt', async () => {
    await rig.redis.rebuild.begin(2);
    expect(await drain.round(2)).to.deep.equal({ kind: 'rebuilding' });
  });
});
