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

  it('leaves the line when the signal aborts, and holds nothing then', async () => {
    const limit = new ConcurrencyLimit(1);
    const leave = await limit.enter();
    const given = new AbortController();
    const gone = limit.enter(given.signal).catch((error: unknown) => error);
    const next = limit.enter(new AbortController().signal);
    given.abort('given up');
    expect(await gone).to.equal('given up');
    leave();
    (await next)();
    expect(await limit.run(async () => 'free')).to.equal('free');
    expect(await limit.enter(given.signal).catch((error: unknown) => error)).to.equal('given up');
  });
});
