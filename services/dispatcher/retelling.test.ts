import { expect } from 'chai';
import { DispatcherRig } from '../../tests/support/dispatcher/dispatcher-rig.ts';
import { QueueTimeout } from './queue-timeout.ts';
import { Retelling } from './retelling.ts';

describe('Retelling', () => {
  let rig: DispatcherRig;
  let retelling: Retelling;

  beforeEach(async () => {
    rig = await DispatcherRig.open();
    await rig.openGeneration(1);
    await rig.redis.events.open(rig.user);
    retelling = new Retelling({ runs: rig.db.runs, events: rig.redis.events });
  });
  afterEach(() => rig.close());

  const told = async () => (await rig.redis.events.history(rig.user, 1)).map((frame) => frame.type);
  const ids = (runs: Array<{ id: string }>) => runs.map((run) => run.id);

  it('tells later what was lost between Postgres and Redis, and nothing twice', async () => {
    const { db, redis, metrics, log } = rig;
    const queueTimeout = new QueueTimeout({ runs: db.runs, events: redis.events, metrics: metrics.runs, log });
    const [first, ...lost] = ids(await rig.accept(3));
    await queueTimeout.apply([first ?? '']);
    await db.runs.timeOut(lost);
    await retelling.round(Date.now());
    await retelling.round(Date.now());
    expect(await told()).to.deep.equal(Array.from({ length: 3 }, () => 'WORKFLOW_QUEUE_TIMEOUT'));
  });

  it('tells of runs that were cancelled while Redis was away, before they had a place', async () => {
    const [run] = await rig.accept(1);
    await rig.db.runs.cancel(run?.id ?? '', null);
    await retelling.round(Date.now());
    const [frame] = await rig.redis.events.history(rig.user, 1);
    expect(frame).to.include({ type: 'WORKFLOW_CANCELLED' });
    expect(frame?.data).to.include({ run_id: run?.id, workflow_name: 'Test' });
  });

  it('looks back over any number of recent ends, and not at old ones', async () => {
    await rig.db.runs.timeOut(ids(await rig.accept(250)));
    const [old] = await rig.accept(1);
    await rig.db.runs.timeOut([old?.id ?? '']);
    await rig.sql.query(`UPDATE runs SET finished_at = now() - interval '1 minute' WHERE id = $1`, [old?.id]);
    await retelling.round(Date.now());
    expect(await told()).to.have.length(250);
  });
});
