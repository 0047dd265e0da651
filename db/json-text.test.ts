import { expect } from 'chai';
import pg from 'pg';
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts';
import { jsonText } from './json-text.ts';

describe('JSON for a jsonb column', () => {
  let database: TestDatabase;
  let client: pg.Client;

  before(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  after(async () => {
    await client.end();
    await database.close();
  });

  const readBack = async (value: unknown) =>
    (await client.query('SELECT $1::jsonb AS value', [jsonText(value)])).rows[0].value;

  it('comes back as it went in', async () => {
    for (const value of [
      null,
      1,
      'a',
      [],
      {},
      { a: [1, { b: null }] },
      '\\u0000',
      '\\\\ud800',
      'tab\t bell\u0007 🌊',
    ]) {
      expect(await readBack(value)).to.deep.equal(value);
    }
  });

  it('is storable whatever strangers put into their strings', async () => {
    expect(await readBack({ 'k\u0000': 'a\u0000b' })).to.deep.equal({ 'k\ufffd': 'a\ufffdb' });
    expect(await readBack('half \ud83c of a pair')).to.equal('half \ufffd of a pair');
    expect(await readBack('\\\u0000')).to.equal('\\\ufffd');
    expect(await readBack('\ud800\ud800')).to.equal('\ufffd\ufffd');
  });

  it('is JSON null for undefined', async () => {
    expect(jsonText(undefined)).to.equal('null');
  });
});
