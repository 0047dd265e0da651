import { expect } from 'chai';
import { BatchWriter } from './batch-writer.ts';

describe('the batch writer', () => {
  const make = (statements: string[][]) =>
    new BatchWriter<{ row: string; value: number }, string>({
      keyOf: (item) => item.row,
      async write(items) {
        statements.push(items.map((item) => item.row));
        return items.map((item) => `${item.row}${item.value}`);
      },
    });

  it('joins calls of one moment into one statement, in the order of the rows, and gives each caller its own result', async () => {
    const statements: string[][] = [];
    const writer = make(statements);
    const results = await Promise.all(['c', 'a', 'b'].map((row, value) => writer.add({ row, value })));
    expect(statements).to.deep.equal([['a', 'b', 'c']]);
    expect(results).to.deep.equal(['c0', 'a1', 'b2']);
  });

  it('writes two items about one row in two statements, in the order of the calls', async () => {
    const statements: string[][] = [];
    const writer = make(statements);
    const results = await Promise.all(['b', 'a', 'b', 'b'].map((row, value) => writer.add({ row, value })));
    expect(statements).to.deep.equal([['a', 'b'], ['b'], ['b']]);
    expect(results).to.deep.equal(['b0', 'a1', 'b2', 'b3']);
  });

  it('fails the callers of a batch whose statement fails, and nobody after them', async () => {
    let broken = true;
    const writer = new BatchWriter<string, boolean>({
      keyOf: (item) => item,
      write: async (items) => {
        if (broken) throw new Error('no');
        return items.map(() => true);
      },
    });
    expect(await writer.add('a').catch((error: Error) => error.message)).to.equal('no');
    broken = false;
    expect(await writer.add('a')).to.equal(true);
  });
});
