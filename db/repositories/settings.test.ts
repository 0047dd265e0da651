import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';

describe('cluster settings', () => {
  let rig: DatabaseRig;

  before(async () => {
    rig = await DatabaseRig.open();
  });
  after(() => rig.close());

  it('hold no limits until somebody sets one, then those that were set', async () => {
    expect(await rig.db.settings.getLimits()).to.equal(null);
    await rig.db.settings.saveLimits({ max_users: 50 }, 'root');
    expect(await rig.db.settings.saveLimits({ max_workflows: 0 }, 'root')).to.deep.equal({
      max_users: 50,
      max_workflows: 0,
    });
    expect(await rig.db.settings.getLimits()).to.deep.equal({ max_users: 50, max_workflows: 0 });
  });

  it('keep both of two changes made at once', async () => {
    const other = rig.another();
    await Promise.all([
      rig.db.settings.saveLimits({ queue_max: 7 }, 'root'),
      other.settings.saveLimits({ drain_per_second: 3 }, 'admin'),
    ]);
    expect(await rig.db.settings.getLimits()).to.deep.include({ queue_max: 7, drain_per_second: 3 });
  });
});
