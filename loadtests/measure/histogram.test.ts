import { expect } from 'chai';
import fc from 'fast-check';
import { Histogram } from './histogram.ts';

describe('times in steps', () => {
  it('give every percentile at most 2 % too high, and never too low', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.05, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (times, share) => {
          const histogram = new Histogram();
          for (const ms of times) histogram.add(ms);
          const sorted = [...times].sort((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(times.length * share)) - 1] ?? 0;
          expect(histogram.percentile(share)).to.be.within(exact * 0.999_999, exact * 1.021);
        },
      ),
    );
  });

  it('say that nothing was measured rather than nothing at all', () => {
    expect(new Histogram().percentiles()).to.deep.equal({ count: 0, p50: null, p95: null, p99: null, max: null });
  });
});
