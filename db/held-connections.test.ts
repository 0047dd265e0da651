import { expect } from 'chai';
import { createMetrics } from '../shared/observability/metrics.ts';
import { createBreaker } from '../shared/resilience/breaker.ts';
import { testDatabase } from '../tests/support/postgres.ts';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { until } from '../tests/support/until.ts';
import { HeldConnections } from './held-connections.ts';
import { createPool } from './pool.ts';
import { Postgres } from './postgres.ts';
import { PrimarySearch } from './primary-search.ts';

describe('a connection that is held for long', () => {
  it('is told once, with its statement and where in the code it was asked for; others are not', async () => {
    const database = await testDatabase();
    const [log, metrics] = [recordedLog(), createMetrics().postgres];
    const primary = new PrimarySearch(database.url);
    const pool = createPool({ primary, size: 2, log, metrics });
    const breaker = createBreaker({
      name: 'postgres',
      failuresToOpen: 2,
      openMs: 1_000,
      timeoutMs: 10_000,
      isFailure: () => false,
      onChange: () => {},
    });
    const held = new HeldConnections({ log, afterMs: 120 });
    const postgres = new Postgres({ pool, primary, breaker, held, metrics });
    async function sleeper(): Promise<unknown> {
      return await postgres.run({ name: 'test.sleep', text: 'SELECT pg_sleep(60)' });
    }
    // A nap may be held long too, where the machine is slow.
    const told = () =>
      log.lines.filter(
        ({ message, fields }) => message === 'database connection held' && fields.statement !== 'test.nap',
      );
    try {
      const asleep = sleeper().catch((error: unknown) => error);
      await until(() => told().length > 0, { timeoutMs: 5_000, what: 'the line' });
      // Several looks later it is still one line.
      for (let n = 0; n < 10; n++) await postgres.run({ name: 'test.nap', text: 'SELECT pg_sleep(0.03)' });
      const [line] = told();
      expect(told()).to.have.length(1);
      expect(line?.level).to.equal('warn');
      expect(line?.fields.statement).to.equal('test.sleep');
      expect(line?.fields.held_seconds).to.be.at.least(0.12);
      const origin = line?.fields.origin as string[];
      expect(
        origin.some((frame) => frame.startsWith('sleeper') && frame.includes('held-connections.test.ts')),
      ).to.equal(true);
      await pool.query(
        `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()`,
      );
      expect(await asleep).to.be.instanceOf(Error);
    } finally {
      held.stop();
      breaker.dispose();
      await pool.end();
      await database.close();
    }
  });
});
