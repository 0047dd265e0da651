import { expect } from 'chai';
import { inWords, isZoomed, spoken } from './graph-plot.ts';

const whole = (value: number) => value.toLocaleString('en');

describe('what a graph says in words', () => {
  it('is a dash where the drawing library has no value to give, be it null or undefined', () => {
    expect([inWords(null, whole), inWords(undefined, whole), inWords(0, whole)]).to.deep.equal(['–', '–', '0']);
  });

  it('is the newest value that is known and the greatest; of an empty history that nothing is known', () => {
    expect(spoken([{ label: 'users', values: [1, 7, 3, null] }], whole)).to.equal('users: 3 now, 7 at most');
    expect(spoken([{ label: 'users', values: [] }], whole)).to.equal('users: not known');
  });
});

describe('a graph that gets newer data', () => {
  it('counts as zoomed when a part of what it had is out of sight', () => {
    expect(isZoomed([10, 20, 30], { min: 10, max: 30 })).to.equal(false);
    expect(isZoomed([10, 20, 30], { min: 12, max: 30 })).to.equal(true);
    expect(isZoomed([10, 20, 30], { min: 10, max: 25 })).to.equal(true);
  });

  it('does not before there was anything to see, nor with one point in the middle', () => {
    expect(isZoomed([], { min: null, max: null })).to.equal(false);
    expect(isZoomed([10], { min: 5, max: 15 })).to.equal(false);
    expect(isZoomed([10], undefined)).to.equal(false);
  });
});
