import { expect } from 'chai';
import { handoffs, mostAtOnce } from './scenarios.ts';

describe('figures of engines', () => {
  it('count how long each slot was empty', () => {
    const times = [
      { startedAt: 0, endedAt: 20 },
      { startedAt: 1, endedAt: 30 },
      { startedAt: 25, endedAt: 50 },
      { startedAt: 31, endedAt: 60 },
    ];
    expect(handoffs(times, 2)).to.deep.equal([5, 1]);
    expect(handoffs([...times].reverse(), 2)).to.deep.equal([5, 1]);
  });

  it('count what was worked on at the same moment, not what took its place', () => {
    expect(
      mostAtOnce([
        { startedAt: 0, endedAt: 20 },
        { startedAt: 20, endedAt: 40 },
        { startedAt: 10, endedAt: 30 },
      ]),
    ).to.equal(2);
  });
});
