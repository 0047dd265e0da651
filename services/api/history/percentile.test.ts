import { expect } from 'chai';
import { percentile } from './percentile.ts';

describe('percentile', () => {
  const bounds = [0.1, 0.2, 0.4];

  it('lies where Prometheus would put it within its bucket', () => {
    expect(percentile([10, 0, 0, 0], bounds, 0.5)).to.be.closeTo(0.05, 1e-9);
    expect(percentile([0, 10, 0, 0], bounds, 0.5)).to.be.closeTo(0.15, 1e-9);
    expect(percentile([5, 5, 0, 0], bounds, 0.75)).to.be.closeTo(0.15, 1e-9);
    expect(percentile([50, 0, 50, 0], bounds, 0.99)).to.be.closeTo(0.396, 1e-9);
  });

  it('is the last bound beyond it, and unknown of nothing', () => {
    expect(percentile([0, 0, 0, 3], bounds, 0.5)).to.equal(0.4);
    expect(percentile([0, 0, 0, 0], bounds, 0.5)).to.equal(null);
    expect(percentile([], bounds, 0.99)).to.equal(null);
  });
});
