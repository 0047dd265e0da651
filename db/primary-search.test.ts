import { expect } from 'chai';
import { postgresCommand } from '../services/local/servers/postgres-command.ts';
import { createMetrics } from '../shared/observability/metrics.ts';
import { startPostgres, startStandby, type TestPostgres } from '../tests/support/postgres.ts';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { until } from '../tests/support/until.ts';
import { createDatabase } from './database.ts';
import { migrateToLatest } from './migrate.ts';
import { PrimarySearch } from './primary-search.ts';

describe('the search for the server that takes writes', () => {
  let first: TestPostgres;
  let second: TestPostgres;

  beforeEach(async function () {
    this.timeout(30_000);
    first = await startPostgres();
    second = await startStandby(first.url);
  });
  afterEach(() => Promise.all([first.stop(), second.stop()]));

  /** As in WEIR_DATABASE_URL. */
  const urlOf = (...servers: TestPostgres[]) => {
    const { username, password } = new URL(first.url);
    return `postgres://${username}:${password}@${servers.map(({ port }) => `127.0.0.1:${port}`)}/weir`;
  };
  const promote = (server: TestPostgres) => postgresCommand(server.url, 'SELECT pg_promote()');
  const portFound = async (search: PrimarySearch) => (await search.find()).port;

  it('finds it wherever it stands in the list, whoever is frozen or dead', async () => {
    expect(await portFound(new PrimarySearch(urlOf(first, second)))).to.equal(first.port);
    expect(await portFound(new PrimarySearch(urlOf(second, first)))).to.equal(first.port);
    second.pause();
    expect(await portFound(new PrimarySearch(urlOf(second, first)))).to.equal(first.port);
    second.resume();
    await second.stop();
    expect(await portFound(new PrimarySearch(urlOf(second, first)))).to.equal(first.port);
  });

  it('finds none among standbys and servers made read-only, and says of each why', async () => {
    await postgresCommand(first.url, 'ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()');
    const readOnly = () => postgresCommand(first.url, 'SHOW default_transaction_read_only');
    await until(async () => (await readOnly())[0]?.default_transaction_read_only === 'on', {
      timeoutMs: 5_000,
      what: 'the change to be known',
    });
    const refusal = await new PrimarySearch(urlOf(first, second)).find().catch((error: Error) => error.message);
    expect(refusal).to.equal(
      `No server takes writes. 127.0.0.1:${first.port}: takes no writes; 127.0.0.1:${second.port}: takes no writes`,
    );
    await first.kill();
    const other = await new PrimarySearch(urlOf(first, second)).find().catch((error: Error) => error.message);
    expect(other).to.contain(`127.0.0.1:${first.port}: connect ECONNREFUSED`);
  });

  it('never goes back to an old primary that returned and takes writes too', async () => {
    const search = new PrimarySearch(urlOf(first, second));
    await search.find();
    await first.kill();
    await promote(second);
    await first.start();
    search.doubt();
    expect(await portFound(search)).to.equal(second.port);
    expect(await portFound(new PrimarySearch(urlOf(first, second))), 'for somebody new').to.equal(second.port);
    expect(search.isLeft({ host: '127.0.0.1', port: first.port })).to.equal(true);
    await second.stop();
    search.doubt();
    const refusal = await search.find().catch((error: Error) => error.message);
    expect(refusal).to.contain(`127.0.0.1:${first.port}: was replaced by a promoted standby`);
  });

  it('takes a database along from one server to the other, with idle connections to the old one', async function () {
    this.timeout(30_000);
    const url = urlOf(second, first);
    expect(await migrateToLatest(url), 'migrations go to the one that takes writes').not.to.deep.equal([]);
    const log = recordedLog();
    const settings = { WEIR_DATABASE_URL: url, WEIR_DATABASE_POOL_SIZE: 4 };
    const db = createDatabase(settings, createMetrics(), log);
    try {
      await Promise.all(Array.from({ length: 4 }, () => db.ping()));
      const before = await db.epochs.next();
      // As after an order to switch over that the old primary did not hear: it goes on and could be written to.
      await promote(second);
      const connections = () =>
        postgresCommand(first.url, `SELECT 1 FROM pg_stat_activity WHERE application_name = 'weir'`);
      expect(await connections()).not.to.deep.equal([]);
      await postgresCommand(
        first.url,
        `SELECT pg_terminate_backend(max(pid)) FROM pg_stat_activity WHERE application_name = 'weir'`,
      );
      // The connection that is missing is made, and finds the new one; then nobody asks for any.
      await Promise.all(Array.from({ length: 4 }, () => db.ping()));
      await until(async () => (await connections()).length === 0, {
        timeoutMs: 10_000,
        what: 'all to leave the old primary',
      });
      expect(await db.epochs.next()).to.be.greaterThan(before);
      expect(
        log.lines.find(({ message }) => message === 'another database server takes writes now')?.fields,
      ).to.deep.equal({
        host: '127.0.0.1',
        port: second.port,
      });
    } finally {
      await db.close();
    }
  });
});
