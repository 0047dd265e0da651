import { expect } from 'chai';
import type { LeanRun } from '../../db/repositories/run-row.ts';
import { DispatcherRig } from '../../tests/support/dispatcher/dispatcher-rig.ts';
import { dueScore, Places } from './places.ts';
import { toAdmitEntry } from './to-admit-entry.ts';

describe('places in the queue of runs of which Postgres says something else', () => {
  let rig: DispatcherRig;
  let places: Places;

  beforeEach(async () => {
    rig = await DispatcherRig.open({ limits: { max_workflows: 0 } });
    await rig.openGeneration(1);
    await rig.redis.events.open(rig.user);
    const { db, redis, log } = rig;
    places = new Places({ runs: db.runs, queue: redis.queue, events: redis.events, log });
  });
  afterEach(() => rig.close());

  const told = () => rig.redis.events.history(rig.user, 1);
  const waiting = (runs: LeanRun[]) => new Map(runs.map((run) => [run.id, dueScore(run)]));
  const ids = (runs: Array<{ id: string }>) => runs.map((run) => run.id);

  it('are given up and the ends told, once, however long a cancel hung in Postgres', async () => {
    const runs = await rig.accept(3);
    await rig.admit(runs);
    const [first, cancelled, last] = ids(runs) as [string, string, string];
    const others = waiting(runs.filter(({ id }) => id !== cancelled));
    await rig.db.runs.cancel(cancelled, null);
    await rig.sql.query(`UPDATE runs SET finished_at = now() - interval '1 hour' WHERE id = $1`, [cancelled]);
    for (let round = 0; round < 2; round++) await places.round(others);
    expect((await told()).map(({ type, data }) => [type, (data as { run_id: string }).run_id])).to.deep.equal([
      ['WORKFLOW_CANCELLED', cancelled],
    ]);
    expect(await rig.queued()).to.deep.equal([first, last]);
  });

  it('are found anywhere in a long queue', async () => {
    const runs = await rig.accept(2_300);
    await rig.admit(runs);
    const [cancelled] = (await rig.queued()).slice(-1);
    const last = (await rig.redis.queue.listQueued(2_299, 1))[0] ?? '';
    for (const id of [cancelled ?? '', last]) await rig.db.runs.cancel(id, null);
    await places.round(waiting(runs.filter(({ id }) => id !== cancelled && id !== last)));
    expect(await rig.queueLength()).to.equal(2_298);
  });

  it('are left to runs that were accepted since, and to those that wait for another reason', async () => {
    const runs = await rig.accept(2);
    await rig.admit(runs);
    await rig.db.runs.claim([{ runId: runs[0]?.id ?? '', worker: 'w', grantNo: 1, grantedAt: Date.now() }]);
    await places.round(new Map());
    expect(await rig.queued()).to.deep.equal(ids(runs));
    expect(await told()).to.deep.equal([]);
  });

  it('are moved, without another deadline, when a change of the priority hung in Postgres', async () => {
    const runs = await rig.accept(3);
    await rig.admit(runs);
    const [first, second, third] = ids(runs) as [string, string, string];
    await rig.db.runs.setPriority(third, 'high');
    await rig.db.runs.setPriority(first, 'low');
    await places.round(waiting(await rig.db.runs.getMany(ids(runs))));
    expect(await rig.queued()).to.deep.equal([third, second, first]);
    const deadlines = runs.map(({ id, expiresAt }, index) => ({
      runId: id,
      position: 3 - index,
      expiresAt: expiresAt.getTime(),
    }));
    expect(await rig.redis.queue.positions(ids(runs))).to.deep.equal(deadlines);
    expect(await told()).to.deep.equal([]);
  });

  it('are left where an administrator has just moved them, though the rows were read before', async () => {
    const runs = await rig.accept(2);
    await rig.admit(runs);
    const moved = await rig.db.runs.setPriority(runs[1]?.id ?? '', 'high');
    if (moved !== null) await rig.redis.queue.move(toAdmitEntry(moved));
    await places.round(waiting(runs));
    expect(await rig.queued()).to.deep.equal(ids(runs).reverse());
  });
});
