import { expect } from 'chai';
import { MicroBatcher } from './micro-batcher.ts';

describe('MicroBatcher', () => {
  it('joins calls of one moment into one batch, in order', async () => {
    const batches: number[][] = [];
    const batcher = new MicroBatcher<number, number>({
      maxBatch: 100,
      maxInFlight: 1,
      run: async (items) => {
        batches.push(items);
        return items.map((item) => item * 2);
      },
    });
    expect(await Promise.all([1, 2, 3].map((item) => batcher.add(item)))).to.deep.equal([2, 4, 6]);
    expect(batches).to.deep.equal([[1, 2, 3]]);
  });

  it('gathers while a batch is under way and never exceeds its bounds', async () => {
    let underWay = 0;
    let most = 0;
    const sizes: number[] = [];
    const batcher = new MicroBatcher<number, number>({
      maxBatch: 4,
      maxInFlight: 2,
      run: async (items) => {
        underWay += 1;
        most = Math.max(most, underWay);
        sizes.push(items.length);
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        return items;
      },
    });
    const added = Array.from({ length: 50 }, (_, index) => batcher.add(index));
    expect(await Promise.all(added)).to.deep.equal(Array.from({ length: 50 }, (_, index) => index));
    expect(most).to.be.at.most(2);
    expect(Math.max(...sizes)).to.be.at.most(4);
    expect(batcher.backlog).to.equal(0);
  });

  it('deals a burst out to all batches that may begin, in order, and again when they have ended together', async () => {
    const batches: number[][] = [];
    let end = () => {};
    const batcher = new MicroBatcher<number, number>({
      maxBatch: 100,
      maxInFlight: 2,
      smallestShare: 3,
      run: async (items) => {
        batches.push(items);
        if (batches.length % 2 === 1) await new Promise<void>((resolve) => (end = resolve));
        else end();
        return items;
      },
    });
    const burst = async () => void (await Promise.all([1, 2, 3, 4, 5, 6, 7].map((item) => batcher.add(item))));
    await burst();
    await burst();
    expect(batches).to.deep.equal([
      [1, 2, 3, 4],
      [5, 6, 7],
      [1, 2, 3, 4],
      [5, 6, 7],
    ]);
  });

  it('keeps together what would make batches too small, and gives all to the only one that may begin', async () => {
    const sizes: number[] = [];
    const run = async (items: number[]) => {
      sizes.push(items.length);
      return items;
    };
    const options = { maxBatch: 100, run };
    const several = new MicroBatcher<number, number>({ ...options, maxInFlight: 2, smallestShare: 3 });
    await Promise.all([1, 2, 3, 4].map((item) => several.add(item)));
    const single = new MicroBatcher<number, number>({ ...options, maxInFlight: 1, smallestShare: 3 });
    await Promise.all([1, 2, 3, 4, 5, 6, 7].map((item) => single.add(item)));
    expect(sizes).to.deep.equal([4, 7]);
  });

  it('rejects all items of a failed batch, and only those', async () => {
    const batcher = new MicroBatcher<number, number>({
      maxBatch: 1,
      maxInFlight: 1,
      run: async ([item]) => {
        if (item === 2) throw new Error('no twos');
        return [item ?? 0];
      },
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
    expect(outcomes.map((outcome) => outcome.status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('lets those who wait fail with a batch that hung, if told so, and tells them that they were not sent', async () => {
    let batches = 0;
    const batcher = new MicroBatcher<number, number>({
      maxBatch: 1,
      maxInFlight: 1,
      failsWaiting: (error) => ((error as Error).message === 'hung' ? new Error('not sent') : null),
      run: async () => {
        batches += 1;
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('hung');
      },
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
    const reasons = outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as Error).message);
    expect(reasons).to.deep.equal(['hung', 'not sent', 'not sent']);
    expect(batches).to.equal(1);
  });

  it('rejects rather than mixing up results when a batch answers too few', async () => {
    const batcher = new MicroBatcher<number, number>({ maxBatch: 2, maxInFlight: 1, run: async () => [] });
    const [outcome] = await Promise.allSettled([batcher.add(1)]);
    expect(outcome?.status).to.equal('rejected');
  });
});
