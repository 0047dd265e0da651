import { expect } from 'chai';
import { HANDS, type Hand, planOf } from './plan.ts';

describe('the plan of faults', () => {
  for (const hand of Object.keys(HANDS) as Hand[]) {
    const kinds = HANDS[hand];

    it(`is the same for the same seed and another one for another (${hand})`, () => {
      expect(planOf(hand, 7)).to.deep.equal(planOf(hand, 7));
      expect(planOf(hand, 7)).not.to.deep.equal(planOf(hand, 8));
    });

    it(`has every kind once before one comes again (${hand})`, () => {
      const plan = planOf(hand, 3).map(({ kind }) => kind);
      for (let deck = 0; deck < 5; deck++)
        expect(plan.slice(deck * kinds.length, (deck + 1) * kinds.length)).to.have.members(kinds);
    });

    it(`has short and long faults on all replicas (${hand})`, () => {
      const plan = planOf(hand, 5);
      expect(new Set(plan.map(({ replica }) => replica % 3))).to.have.property('size', 3);
      expect(plan.some(({ length }) => length < 0.2) && plan.some(({ length }) => length > 0.8)).to.equal(true);
    });
  }
});
