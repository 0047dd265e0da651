import { expect } from 'chai';
import { costOf } from './token-price.ts';

describe('cost of an answer', () => {
  it('is tokens times price, without the noise of binary fractions', () => {
    expect(costOf({ inputTokens: 6, outputTokens: 12 }, { input: 0.4, output: 1.6 })).to.equal(0.0000216);
    expect(costOf({ inputTokens: 1_000_000, outputTokens: 3 }, { input: 0.1, output: 0.2 })).to.equal(0.1000006);
    expect(costOf({ inputTokens: 5, outputTokens: 0 }, { input: 0, output: 2 })).to.equal(0);
  });

  it('is not known without a price, or when the provider does not say what it used', () => {
    expect(costOf({ inputTokens: 6, outputTokens: 12 }, { input: 0, output: 0 })).to.equal(null);
    expect(costOf(null, { input: 1, output: 1 })).to.equal(null);
  });
});
