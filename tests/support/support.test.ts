import { expect } from 'chai';
import pg from 'pg';
import { startPostgres, testDatabase } from './postgres.ts';
import { startRedis, testRedis } from './redis.ts';
import { until } from './until.ts';

describe('test servers', () => {
  it('gives every caller a database of its own', async () => {
    const [a, b] = await Promise.all([testDatabase(), testDatabase()]);
    expect(a.url).not.to.equal(b.url);
    const client = new pg.Client(a.url);
    await client.connect();
    expect((await client.query('SELECT current_database() AS name')).rows[0].name).to.match(/^test_/);
    await client.end();
    await Promise.all([a.close(), b.close()]);
  });

  it('a private Postgres keeps committed rows over kill -9 and start', async () => {
    const server = await startPostgres();
    const query = async (text: string) => {
      const client = new pg.Client(server.url);
      await client.connect();
      try {
        return (await client.query(text)).rows;
      } finally {
        await client.end();
      }
    };
    await query('CREATE TABLE kept (n int)');
    await query('INSERT INTO kept VALUES (7)');
    await server.kill();
    await server.start();
    expect(await query('SELECT n FROM kept')).to.deep.equal([{ n: 7 }]);
    await server.stop();
  });

  it('a private Redis keeps its keys over stop and start, on the same port', async () => {
    const server = await startRedis();
    await server.command('SET', 'k', 'v');
    await server.stop();
    await server.start();
    expect(await server.command('GET', 'k')).to.equal('$1');
    await server.stop();
  });

  it('closing a test prefix removes its keys and no others', async () => {
    const [mine, other] = await Promise.all([testRedis(), testRedis()]);
    expect(mine.prefix).not.to.equal(other.prefix);
    await mine.close();
    await other.close();
  });

  it('until() names what it waited for', async () => {
    let message = '';
    await until(() => false, { timeoutMs: 10, what: 'the impossible' }).catch((error: Error) => {
      message = error.message;
    });
    expect(message).to.equal('Waited 10 ms for the impossible.');
  });
});
