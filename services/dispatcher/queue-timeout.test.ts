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

  it('leaves a run alone that a worker has begun or its owner cancelled, and tells what nobody else may have told', async () => {
    const [begun, cancelled] = await rig.accept(2);
    await rig.db.runs.claim([{ runId: begun?.id ?? '', worker: 'w', grantNo: 1, grantedAt: Date.now() }]);
    await rig.db.runs.cancel(cancelled?.id ?? '', null);
    await queueTimeout.apply([begun?.id ?? '', cancelled?.id ?? '']);
    expect(await rig.status(begun?.id ?? '')).to.equal('running');
    expect(await rig.status(cancelled?.id ?? '')).to.equal('cancelled');
    expect(await told()).to.deep.equal(['WORKFLOW_CANCELLED']);
  });

  it('tells later how a run ended while its time-out was not answered, as behind a cancel that hung', async () => {
    const [run] = await rig.accept(1);
    const id = run?.id ?? '';
    const { timeOut } = rig.db.runs;
    rig.db.runs.timeOut = () => Promise.reject(new Error('hung'));
    expect(await queueTimeout.apply([id]).catch(String)).to.equal('Error: hung');
    rig.db.runs.timeOut = timeOut;
    await queueTimeout.tellOwed();
    expect(await told(), 'it still waits').to.deep.equal([]);
    await rig.db.runs.cancel(id, null);
    for (let round = 0; round < 2; round++) await queueTimeout.tellOwed();
    expect(await told()).to.deep.equal(['WORKFLOW_CANCELLED']);
  });
});
