import { expect } from 'chai';
import { scaled } from '../profiles/profile.ts';
import { PROFILES } from '../profiles/profiles.ts';
import { dueOf, looksInto } from './looks.ts';

describe('looks into the heaps', () => {
  it('are enough for a slope with an error, and far enough apart, also in the shortest soak that is judged', () => {
    const times = looksInto(scaled(PROFILES.soak, 0.4, null));
    expect(times.length).to.be.at.least(3);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).to.be.greaterThan(300);
  });

  it('begin before the half in which memory is judged, with all users there', () => {
    const [first] = looksInto(PROFILES.soak);
    expect(first).to.be.within(120, (120 + 1_795) / 2);
  });

  it('happen once each, and once for those that were missed', () => {
    let now: number | null = null;
    const isDue = dueOf([10, 20, 30], () => now);
    expect(isDue()).to.equal(false);
    now = 10;
    expect([isDue(), isDue()]).to.deep.equal([true, false]);
    now = 35;
    expect([isDue(), isDue()]).to.deep.equal([true, false]);
  });
});
