import { expect } from 'chai';
import { DatabaseRig } from '../tests/support/db/database-rig.ts';
import { until } from '../tests/support/until.ts';

describe('the way to Postgres', () => {
  it('repeats a statement that was rolled back to end a deadlock', async () => {
    const rig = await DatabaseRig.open();
    try {
      const [first, second] = (await rig.queued(2)).sort() as [string, string];
      const touch = (id: string) => rig.sql.query('UPDATE runs SET updated_at = now() WHERE id = $1', [id]);
      await rig.sql.query('BEGIN');
      await touch(second);
      const claims = Promise.all([rig.claim(first), rig.claim(second)]);
      await until(async () => (await rig.lockWaits()) === 1, { timeoutMs: 3_000, what: 'the claim to wait for us' });
      // Now we wait for the claim; it has waited longer, so it is the one that finds the deadlock and gives way.
      await touch(first);
      await rig.sql.query('COMMIT');
      expect((await claims).map((claimed) => [claimed.kind, claimed.run?.attempt])).to.deep.equal([
        ['claimed', 1],
        ['claimed', 1],
      ]);
    } finally {
      await rig.close();
    }
  });
});
