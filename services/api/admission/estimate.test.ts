import { expect } from 'chai';
import { retryAfterSeconds, waitAt } from './estimate.ts';

describe('estimates', () => {
  const curve = { at: 0, seconds: [2, 5, 9] };

  it('reads the wait of a position from the curve; beyond its end at least as long as the end', () => {
    expect([1, 2, 3, 4, 1_000].map((position) => waitAt(curve, position))).to.deep.equal([2, 5, 9, 9, 9]);
  });

  it('says nothing when nothing is known', () => {
    expect(waitAt(null, 1)).to.equal(null);
    expect(waitAt({ at: 0, seconds: [] }, 1)).to.equal(null);
  });

  it('sends refused clients back spread by a fifth either way, in whole seconds', () => {
    expect(retryAfterSeconds(10, () => 0)).to.equal(8);
    expect(retryAfterSeconds(10, () => 0.5)).to.equal(10);
    expect(retryAfterSeconds(10, () => 1)).to.equal(12);
  });

  it('is never below one second and never above the longest wait, and is five when nothing is known', () => {
    expect(retryAfterSeconds(0.01)).to.equal(1);
    expect(retryAfterSeconds(86_400, () => 0.5)).to.equal(300);
    expect(retryAfterSeconds(null, () => 0.5)).to.equal(5);
  });
});
