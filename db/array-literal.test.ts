import { expect } from 'chai';
import pg from 'pg';
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts';
import { jsonTextArray, plainArray, textArray } from './array-literal.ts';

describe('array literals', () => {
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

  const readBack = async (type: string, literal: string) =>
    (await client.query(`SELECT $1::${type}[] AS value`, [literal])).rows[0].value;

  it('carry any text to Postgres unchanged', async () => {
    const texts = [
      '',
      ' ',
      'NULL',
      'null',
      '{}',
      'a,b',
      '"quoted"',
      'back\\slash',
      '\\"',
      "it's",
      'line\nbreak\ttab',
      '🌊 ü',
      '{"a":"\\u0041"}',
    ];
    expect(await readBack('text', textArray(texts))).to.deep.equal(texts);
  });

  it('tell null from the word', async () => {
    expect(await readBack('text', textArray([null, 'NULL', null]))).to.deep.equal([null, 'NULL', null]);
  });

  it('replace the one character Postgres cannot store', async () => {
    expect(await readBack('text', textArray(['a\u0000b']))).to.deep.equal(['a\ufffdb']);
  });

  it('carry any JSON text to Postgres unchanged', async () => {
    const values = [
      '',
      '\\',
      '"',
      '\n\t\b\u0001\u007f\u2028',
      '🌊 ü',
      '{a,"b"}',
      { 'k "e" y': [null, 1.5, { a: '\\"' }] },
      [],
    ];
    const texts = values.map((value) => JSON.stringify(value));
    expect(await readBack('text', jsonTextArray(texts))).to.deep.equal(texts);
    expect(await readBack('jsonb', jsonTextArray(texts))).to.deep.equal(values);
    expect(await readBack('jsonb', jsonTextArray([]))).to.deep.equal([]);
  });

  it('carry numbers and words without quotes', async () => {
    expect(await readBack('integer', plainArray([1, -2]))).to.deep.equal([1, -2]);
    expect(await readBack('text', plainArray(['queued', 'running']))).to.deep.equal(['queued', 'running']);
    expect(await readBack('text', plainArray([]))).to.deep.equal([]);
    expect(await readBack('text', textArray([]))).to.deep.equal([]);
  });
});
