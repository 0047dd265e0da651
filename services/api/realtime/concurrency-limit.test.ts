import { expect } from 'chai';
import { ConcurrencyLimit } from './concurrency-limit.ts';

describe('ConcurrencyLimit', () => {
  it('never runs more than allowed, keeps the order, and goes on after failures', async () => {
    const limit = new ConcurrencyLimit(3);
    let running = 0;
    let most = 0;
    const started: number[] = [];
    const tasks = Array.from({ length: 20 }, (_, n) =>
      limit.run(async () => {
        started.push(n);
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running -= 1;
        if (n % 4 === 0) throw new Error('no');
        return n;
      }),
    );
    const outcomes = await Promise.allSettled(tasks);
    expect(most).to.equal(3);
    expect(started).to.deep.equal(Array.from({ length: 20 }, (_, n) => n));
    expect(outcomes.filter(({ status }) => status === 'rejected')).to.have.length(5);
    expect(await limit.run(async () => 'still')).to.equal('still');
  });
});
