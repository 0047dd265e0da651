import { expect } from 'chai';
import { LATENCY_BUCKETS } from '../../../shared/observability/metrics/buckets.ts';
import { quietSample } from '../../../tests/support/sample.ts';
import { mergeBySlot, mergeSamples } from './merge-samples.ts';
import { percentile } from './percentile.ts';

describe('merging samples', () => {
  it('keeps the greatest of states, adds up counts, and makes nothing of what is not known', () => {
    const merged = mergeSamples(
      [
        quietSample(0, { users: 5, level: null, started: 2, latency: [1, 2], down: [0, 5] }),
        quietSample(5_000, { users: null, level: 2, started: 3, latency: [1, 2, 3], down: [0, 0] }),
      ],
      new Date(0),
      60,
    );
    expect(merged).to.deep.include({ users: 5, level: 2, started: 5, seconds: 10, resolution: 60 });
    expect(merged.latency).to.deep.equal([2, 4, 3]);
    expect(merged.down).to.deep.equal([0, 5]);
    expect(mergeSamples([quietSample(0, { users: null })], new Date(0), 60).users).to.equal(null);
    expect(() => mergeSamples([], new Date(0), 60)).to.throw(RangeError);
  });

  it('gives the percentile of all requests, which no mean of percentiles would be', () => {
    // 990 requests of 1 ms on one replica, 10 of 5 to 10 s on another: the median of all is a millisecond.
    const fast = LATENCY_BUCKETS.map((_, index) => (index === 0 ? 990 : 0));
    const slow = LATENCY_BUCKETS.map((_, index) => (index === LATENCY_BUCKETS.length - 1 ? 10 : 0));
    const { latency } = mergeSamples(
      [quietSample(0, { latency: fast }), quietSample(0, { latency: slow })],
      new Date(0),
      5,
    );
    expect(percentile(latency, LATENCY_BUCKETS, 0.5)).to.be.below(0.001);
    expect(percentile(latency, LATENCY_BUCKETS, 0.995)).to.be.within(5, 10);
  });

  it('puts each sample into the slot it begins in, oldest first', () => {
    const slots = mergeBySlot([quietSample(65_000), quietSample(0), quietSample(59_999)], 60);
    expect(slots.map(({ at, seconds }) => [at.getTime(), seconds])).to.deep.equal([
      [0, 10],
      [60_000, 5],
    ]);
  });
});
