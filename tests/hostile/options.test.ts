import { expect } from 'chai';
import { hostileOptions } from './options.ts';

describe('options of the hostile tests', () => {
  it('are what the environment says, else a seed by chance and what fits into all tests', () => {
    expect(hostileOptions({ SEED: '7', CASES: '50000', CROWD: '20' })).to.deep.equal({
      seed: 7,
      cases: 50_000,
      crowd: 20,
    });
    expect(hostileOptions({ SEED: '' }, () => 0.5)).to.deep.equal({ seed: 500_000, cases: 3_000, crowd: 10_000 });
  });

  it('are refused with a sentence when they are no numbers', () => {
    expect(() => hostileOptions({ SEED: 'x' })).to.throw('SEED is a whole number');
  });
});
