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

  it('leave the half in which memory is judged alone until its end, because they take memory themselves', () => {
    const [from, to] = [120, 1_795];
    const inHalf = looksInto(PROFILES.soak).filter((t) => t >= (from + to) / 2);
    expect(inHalf).to.have.length(1);
    expect(inHalf[0]).to.be.within(to - 0.05 * (to - from), to);
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
