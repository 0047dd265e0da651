import { expect } from 'chai';
import { DispatcherRig } from '../../tests/support/dispatcher/dispatcher-rig.ts';
import { metricValue } from '../../tests/support/metric-value.ts';
import { QueueTimeout } from './queue-timeout.ts';

describe('QueueTimeout', () => {
  let rig: DispatcherRig;
  let queueTimeout: QueueTimeout;

  beforeEach(async () => {
    rig = await DispatcherRig.open();
    await rig.openGeneration(1);
    await rig.redis.events.open(rig.user);
    const { db, redis, metrics, log } = rig;
    queueTimeout = new QueueTimeout({ runs: db.runs, events: redis.events, metrics: metrics.runs, log });
  });
  afterEach(() => rig.close());

  const told = async () => (await rig.redis.events.history(rig.user, 1)).map((frame) => frame.type);

  it('tells the owner how long the run has waited', async () => {
    const [run] = await rig.accept(1, { ageMs: 300_000 });
    await queueTimeout.apply([run?.id ?? '']);
    const [frame] = await rig.redis.events.history(rig.user, 1);
    expect(frame?.data).to.include({ run_id: run?.id, workflow_name: 'Test', waited_seconds: 300 });
    expect(await metricValue(rig.metrics.runs.finished, { status: 'timed_out', workflow: 'Test' })).to.equal(1);
  });

  it('leaves a run alone that a worker has begun or its owner cancelled', async () => {
    const [begun, cancelled] = await rig.accept(2);
    await rig.db.runs.claim([{ runId: begun?.id ?? '', worker: 'w', grantNo: 1, grantedAt: Date.now() }]);
    await rig.db.runs.cancel(cancelled?.id ?? '', null);
    await queueTimeout.apply([begun?.id ?? '', cancelled?.id ?? '']);
    expect(await rig.status(begun?.id ?? '')).to.equal('running');
    expect(await rig.status(cancelled?.id ?? '')).to.equal('cancelled');
    expect(await told()).to.deep.equal([]);
  });

  it('tells later what was lost between Postgres and Redis, and nothing twice', async () => {
    const runs = await rig.accept(3);
    await queueTimeout.apply([runs[0]?.id ?? '']);
    await rig.db.runs.timeOut([runs[1]?.id ?? '', runs[2]?.id ?? '']);
    await queueTimeout.repeatEvents(Date.now());
    await queueTimeout.repeatEvents(Date.now());
    expect(await told()).to.have.length(3);
  });

  it('looks back over any number of recent time-outs, and not at old ones', async () => {
    const recent = await rig.accept(250);
    await rig.db.runs.timeOut(recent.map((run) => run.id));
    const [old] = await rig.accept(1);
    await rig.db.runs.timeOut([old?.id ?? '']);
    await rig.sql.query(`UPDATE runs SET finished_at = now() - interval '1 minute' WHERE id = $1`, [old?.id]);
    await queueTimeout.repeatEvents(Date.now());
    expect(await told()).to.have.length(250);
  });
});
