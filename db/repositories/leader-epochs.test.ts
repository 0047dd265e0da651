import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';

describe('leader epochs', () => {
  it('rise with every election, whoever is elected', async () => {
    const rig = await DatabaseRig.open();
    try {
      const other = rig.another();
      const epochs = [await rig.db.epochs.next(), await other.epochs.next(), await rig.db.epochs.next()];
      expect(epochs).to.deep.equal([...new Set(epochs)].sort((a, b) => a - b));
      expect(epochs[0]).to.be.at.least(1);
    } finally {
      await rig.close();
    }
  });
});
