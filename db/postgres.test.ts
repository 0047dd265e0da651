import { expect } from 'chai';
import { createMetrics } from '../shared/observability/metrics.ts';
import { createBreaker } from '../shared/resilience/breaker.ts';
import { DatabaseRig } from '../tests/support/db/database-rig.ts';
import { testDatabase } from '../tests/support/postgres.ts';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { until } from '../tests/support/until.ts';
import { createPool } from './pool.ts';
import { Postgres } from './postgres.ts';
import { PrimarySearch } from './primary-search.ts';
import { isUnavailable } from './sql-failure.ts';

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

  it('prepares a statement anew on another connection when the session has lost it or a migration changed its result', async () => {
    const database = await testDatabase();
    const metrics = createMetrics().postgres;
    const primary = new PrimarySearch(database.url);
    const pool = createPool({ primary, size: 1, log: recordedLog(), metrics });
    const breaker = createBreaker({
      name: 'postgres',
      failuresToOpen: 2,
      openMs: 1_000,
      timeoutMs: 5_000,
      isFailure: isUnavailable,
      onChange: () => {},
    });
    const postgres = new Postgres({ pool, primary, breaker, metrics });
    const statement = { name: 'things.all', text: 'SELECT * FROM things' };
    try {
      await pool.query('CREATE TABLE things (a integer)');
      expect(await postgres.run(statement)).to.deep.equal([]);
      await pool.query('DEALLOCATE ALL');
      expect(await postgres.run(statement)).to.deep.equal([]);
      await pool.query('ALTER TABLE things ADD b integer');
      await pool.query('INSERT INTO things VALUES (1, 2)');
      expect(await postgres.run(statement)).to.deep.equal([{ a: 1, b: 2 }]);
    } finally {
      breaker.dispose();
      await pool.end();
      await database.close();
    }
  });
});
