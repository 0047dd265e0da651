import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts';
import { dumpSchema } from './dump-schema.ts';

describe('schema.sql', () => {
  let database: TestDatabase;
  let client: pg.Client;

  before(async () => {
    database = await testDatabase({ migrated: true });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  after(async () => {
    await client.end();
    await database.close();
  });

  it('is what the migrations make (else: npx tsx db/dump-schema.ts <url> > db/schema.sql)', async () => {
    expect(await dumpSchema(client)).to.equal(await readFile(join(import.meta.dirname, 'schema.sql'), 'utf8'));
  });

  it('makes that same schema in an empty database', async () => {
    const empty = await testDatabase();
    const other = new pg.Client({ connectionString: empty.url });
    await other.connect();
    try {
      const schema = await dumpSchema(client);
      await other.query(schema);
      expect(await dumpSchema(other)).to.equal(schema);
    } finally {
      await other.end();
      await empty.close();
    }
  });
});
