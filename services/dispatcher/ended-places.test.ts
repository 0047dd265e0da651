import { expect } from 'chai';
import { DispatcherRig } from '../../tests/support/dispatcher/dispatcher-rig.ts';
import { EndedPlaces } from './ended-places.ts';

describe('places in the queue of runs that have ended', () => {
  let rig: DispatcherRig;
  let endedPlaces: EndedPlaces;

  beforeEach(async () => {
    rig = await DispatcherRig.open({ limits: { max_workflows: 0 } });
    await rig.openGeneration(1);
    await rig.redis.events.open(rig.user);
    const { db, redis, log } = rig;
    endedPlaces = new EndedPlaces({ runs: db.runs, queue: redis.queue, events: redis.events, log });
  });
  afterEach(() => rig.close());

  const told = () => rig.redis.events.history(rig.user, 1);
  const ids = (runs: Array<{ id: string }>) => runs.map((run) => run.id);

  it('are given up and the ends told, once, however long a cancel hung in Postgres', async () => {
    const runs = await rig.accept(3);
    await rig.admit(runs);
    const [first, cancelled, last] = ids(runs) as [string, string, string];
    await rig.db.runs.cancel(cancelled, null);
    await rig.sql.query(`UPDATE runs SET finished_at = now() - interval '1 hour' WHERE id = $1`, [cancelled]);
    for (let round = 0; round < 2; round++) await endedPlaces.round(new Set([first, last]));
    expect((await told()).map(({ type, data }) => [type, (data as { run_id: string }).run_id])).to.deep.equal([
      ['WORKFLOW_CANCELLED', cancelled],
    ]);
    expect(await rig.queued()).to.deep.equal([first, last]);
  });

  it('are found anywhere in a long queue', async () => {
    const runs = ids(await rig.accept(2_300));
    await rig.admit(await rig.db.runs.getMany(runs));
    const [cancelled] = (await rig.queued()).slice(-1);
    const last = (await rig.redis.queue.listQueued(2_299, 1))[0] ?? '';
    for (const id of [cancelled ?? '', last]) await rig.db.runs.cancel(id, null);
    await endedPlaces.round(new Set(runs.filter((id) => id !== cancelled && id !== last)));
    expect(await rig.queueLength()).to.equal(2_298);
  });

  it('are left to runs that were accepted since, and to those that wait for another reason', async () => {
    const runs = await rig.accept(2);
    await rig.admit(runs);
    await rig.db.runs.claim([{ runId: runs[0]?.id ?? '', worker: 'w', grantNo: 1, grantedAt: Date.now() }]);
    await endedPlaces.round(new Set());
    expect(await rig.queued()).to.deep.equal(ids(runs));
    expect(await told()).to.deep.equal([]);
  });
});
