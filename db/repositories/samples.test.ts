import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';
import { quietSample } from '../../tests/support/sample.ts';
import type { Sample } from './samples.ts';

const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1_000);

const sample = (seconds: number, but: Partial<Sample> = {}) =>
  quietSample(at(seconds).getTime(), {
    queueLength: null,
    started: 1,
    finished: 2,
    requests: 9,
    errors: 1,
    latency: [1, 2, 6],
    degraded: [0, 5],
    down: [0, 0],
    ...but,
  });

describe('samples', () => {
  let rig: DatabaseRig;

  beforeEach(async () => {
    rig = await DatabaseRig.open();
  });
  afterEach(() => rig.close());

  it('are one per slot: of all replicas that bring one, the first is kept', async () => {
    await rig.db.samples.store([]);
    await rig.db.samples.store([sample(0)]);
    const others = Array.from({ length: 4 }, () => rig.another());
    await Promise.all(others.map((db) => db.samples.store([sample(0, { users: 99 }), sample(5)])));
    expect(await rig.db.samples.read(5, at(0), at(60), 100)).to.deep.equal([sample(0), sample(5)]);
  });

  it('are read by resolution and time, oldest first, not more than asked for', async () => {
    await rig.db.samples.store([sample(10), sample(0), sample(5), sample(0, { resolution: 60, seconds: 60 })]);
    const starts = async (from: number, to: number, limit = 100) =>
      (await rig.db.samples.read(5, at(from), at(to), limit)).map(
        (row) => (row.at.getTime() - at(0).getTime()) / 1_000,
      );
    expect(await starts(0, 60)).to.deep.equal([0, 5, 10]);
    expect(await starts(5, 10)).to.deep.equal([5]);
    expect(await starts(0, 60, 2)).to.deep.equal([0, 5]);
    expect(await rig.db.samples.edges(5)).to.deep.equal({ first: at(0), last: at(10) });
    expect(await rig.db.samples.edges(300)).to.equal(null);
  });

  it('are deleted oldest first, those of one resolution only', async () => {
    await rig.db.samples.store([sample(0), sample(5), sample(10), sample(0, { resolution: 60 })]);
    expect(await rig.db.samples.prune(5, at(10), 1)).to.equal(1);
    expect((await rig.db.samples.edges(5))?.first).to.deep.equal(at(5));
    expect(await rig.db.samples.prune(5, at(10), 100)).to.equal(1);
    expect(await rig.db.samples.prune(5, at(10), 100)).to.equal(0);
    expect(await rig.db.samples.edges(60)).to.deep.equal({ first: at(0), last: at(0) });
  });
});
