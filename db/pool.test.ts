import { expect } from 'chai';
import pg from 'pg';
import { createMetrics } from '../shared/observability/metrics.ts';
import { testDatabase } from '../tests/support/postgres.ts';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { until } from '../tests/support/until.ts';
import { createPool } from './pool.ts';
import { PrimarySearch } from './primary-search.ts';

describe('the connection pool', () => {
  it('reads bigint as a number, refuses one that does not fit, and leaves other users of the driver alone', async () => {
    const database = await testDatabase();
    const pool = createPool({
      primary: new PrimarySearch(database.url),
      size: 2,
      log: recordedLog(),
      metrics: createMetrics().postgres,
    });
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    try {
      expect((await pool.query('SELECT 9007199254740991::bigint AS n')).rows).to.deep.equal([
        { n: Number.MAX_SAFE_INTEGER },
      ]);
      const beyond = await pool.query('SELECT 9007199254740993::bigint AS n').catch((error: Error) => error);
      expect(beyond).to.be.instanceOf(RangeError);
      expect((await other.query('SELECT 1::bigint AS n')).rows).to.deep.equal([{ n: '1' }]);
    } finally {
      await other.end();
      await pool.end();
      await database.close();
    }
  });

  it('tells how many wait for a connection also while nothing moves', async () => {
    const database = await testDatabase();
    const metrics = createMetrics().postgres;
    const pool = createPool({ primary: new PrimarySearch(database.url), size: 1, log: recordedLog(), metrics });
    const counts = async () =>
      Object.fromEntries((await metrics.pool.get()).values.map(({ labels, value }) => [labels.state, value]));
    try {
      const only = await pool.connect();
      const waiting = [pool.query('SELECT 1'), pool.query('SELECT 1')];
      expect(await counts()).to.deep.equal({ total: 1, idle: 0, waiting: 2 });
      only.release();
      await Promise.all(waiting);
      expect(await counts()).to.deep.equal({ total: 1, idle: 1, waiting: 0 });
    } finally {
      await pool.end();
      await database.close();
    }
  });

  it('survives the loss of idle connections and counts the ones it has', async () => {
    const database = await testDatabase();
    const [log, metrics] = [recordedLog(), createMetrics().postgres];
    const pool = createPool({ primary: new PrimarySearch(database.url), size: 2, log, metrics });
    const total = async () => (await metrics.pool.get()).values.find((value) => value.labels.state === 'total')?.value;
    try {
      await pool.query('SELECT 1');
      expect(await total()).to.equal(1);
      await pool.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => {});
      await pool.query('SELECT 1');
      const other = new pg.Client({ connectionString: database.url });
      await other.connect();
      await other.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'weir' AND datname = current_database()`,
      );
      await other.end();
      await until(async () => (await total()) === 0, { timeoutMs: 3_000, what: 'the lost connection to be noticed' });
      expect(log.lines.map((line) => line.message)).to.include('idle database connection lost');
      expect((await pool.query('SELECT 2 AS n')).rows).to.deep.equal([{ n: 2 }]);
    } finally {
      await pool.end();
      await database.close();
    }
  });
});
