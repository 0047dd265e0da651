import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';
import type { FeatureEvent } from './feature-events.ts';

describe('feature events', () => {
  let rig: DatabaseRig;

  before(async () => {
    rig = await DatabaseRig.open();
  });
  after(() => rig.close());

  const event = (seq: number, reason: string): FeatureEvent => ({
    seq,
    at: new Date(1_700_000_000_000 + seq),
    feature: 'typing',
    enabled: false,
    forced: seq % 2 === 0 ? 'off' : null,
    cause: 'forced',
    changedBy: 'root',
    reason,
    level: 'normal',
  });

  it('are stored once, however many replicas bring them, and read newest first', async () => {
    const other = rig.another();
    const both = [event(1, 'noise'), event(2, '"quoted" ö')];
    await Promise.all([rig.db, other, rig.db].map((way) => way.featureEvents.store(both)));
    await rig.db.featureEvents.store([event(2, 'another story'), event(3, 'later')]);
    await rig.db.featureEvents.store([]);
    expect(await rig.db.featureEvents.list({ limit: 10 })).to.deep.equal([event(3, 'later'), both[1], both[0]]);
    expect(await rig.db.featureEvents.list({ limit: 1, before: 3 })).to.deep.equal([both[1]]);
  });
});
