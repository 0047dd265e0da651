import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import pg from 'pg';
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts';
import { dumpSchema } from './dump-schema.ts';
import { migrateDown, migrateToLatest } from './migrate.ts';
import { MigrationSource } from './migration-source.ts';

describe('migrations', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let names: string[];

  beforeEach(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    names = (await new MigrationSource().getMigrations()).map((migration) => migration.name);
  });
  afterEach(async () => {
    await client.end();
    await database.close();
  });

  const allDown = async () => {
    const undone: string[] = [];
    for (let name = await migrateDown(database.url); name !== null; name = await migrateDown(database.url))
      undone.push(name);
    return undone;
  };

  it('go up, all the way down and up again, to the same schema', async () => {
    expect(await migrateToLatest(database.url)).to.deep.equal(names);
    const schema = await dumpSchema(client);
    expect(await allDown()).to.deep.equal([...names].reverse());
    expect(await dumpSchema(client)).not.to.contain('CREATE');
    await migrateToLatest(database.url);
    expect(await dumpSchema(client)).to.equal(schema);
  });

  it('run once when several replicas start at the same moment', async () => {
    const ran = await Promise.all(Array.from({ length: 4 }, () => migrateToLatest(database.url)));
    expect(ran.flat()).to.deep.equal(names);
    const { rows } = await client.query('SELECT name FROM migrations ORDER BY id');
    expect(rows.map((row) => row.name)).to.deep.equal(names);
  });

  it('have the same names in the sources and in a build', async () => {
    const build = await mkdtemp(join(tmpdir(), 'weir-migrations-'));
    try {
      for (const name of names) {
        for (const ending of ['.js', '.js.map', '.test.js']) await writeFile(join(build, name + ending), '');
      }
      const source = new MigrationSource(build);
      const built = (await source.getMigrations()).map((migration) => source.getMigrationName(migration));
      expect(built).to.deep.equal(names);
      expect(names[0]).to.equal('0001-workflows-and-runs');
    } finally {
      await rm(build, { recursive: true });
    }
  });

  it('go on after a process died in the middle of one and left its lock behind', async () => {
    await migrateToLatest(database.url);
    const last = await migrateDown(database.url);
    await client.query('UPDATE migrations_lock SET is_locked = 1');
    expect(await migrateToLatest(database.url)).to.deep.equal([last]);
  });

  it('run also when later ones have run before them', async () => {
    await migrateToLatest(database.url);
    const schema = await dumpSchema(client);
    await client.query(
      `ALTER TABLE runs DROP COLUMN trace_parent; DELETE FROM migrations WHERE name = '0002-trace-parent'`,
    );
    expect(await migrateToLatest(database.url)).to.deep.equal(['0002-trace-parent']);
    expect(await dumpSchema(client)).to.equal(schema);
  });

  it('let a replica of the previous release start on a schema it does not know yet', async () => {
    await migrateToLatest(database.url);
    await client.query(
      `INSERT INTO migrations (name, batch, migration_time) VALUES ('9999-of-the-next-release', 2, now())`,
    );
    expect(await migrateToLatest(database.url)).to.deep.equal([]);
  });
});
