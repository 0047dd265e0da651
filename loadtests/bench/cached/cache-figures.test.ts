import { expect } from 'chai';
import { type CacheFigures, hitMsWithin, hitRate } from './cache-figures.ts';

const none = { hit: 0, miss: 0, bypass: 0 };
const figures = (run: Partial<typeof none>, workflow: Partial<typeof none>, counts: number[]): CacheFigures => ({
  requests: { run: { ...none, ...run }, workflow: { ...none, ...workflow } },
  hitsWithin: [0.001, 0.005, Number.POSITIVE_INFINITY].map((bound, n) => [bound, counts[n] ?? 0]),
});

describe('figures of cached reads', () => {
  const before = figures({ hit: 10, miss: 10 }, { hit: 5 }, [10, 10, 10]);
  const after = figures({ hit: 13, miss: 11 }, { hit: 14, bypass: 1 }, [12, 109, 110]);

  it('the hit rate is that of the time between, of one cache or of all', () => {
    expect(hitRate(before, after, 'run')).to.equal(0.75);
    expect(hitRate(before, after, 'workflow')).to.equal(0.9);
    expect(hitRate(before, after)).to.equal(12 / 14);
    expect(hitRate(after, after)).to.be.NaN;
  });

  it('the time of a hit is the least bound within which so many were found', () => {
    expect(hitMsWithin(before, after, 0.01)).to.equal(1);
    expect(hitMsWithin(before, after, 0.95)).to.equal(5);
    expect(hitMsWithin(before, after, 1)).to.equal(Number.POSITIVE_INFINITY);
    expect(hitMsWithin(after, after, 0.95)).to.be.NaN;
  });
});
