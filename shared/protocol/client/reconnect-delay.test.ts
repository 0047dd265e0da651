import { expect } from 'chai';
import { reconnectDelay } from './reconnect-delay.ts';

describe('reconnectDelay', () => {
  it('waits 0, 2, 10 and then always 30 seconds, each moved by up to a fifth and a quarter second', () => {
    const nominal = [0, 2_000, 10_000, 30_000, 30_000];
    nominal.forEach((step, attempt) => {
      expect(reconnectDelay(attempt, () => 0)).to.equal(step * 0.8);
      expect(reconnectDelay(attempt, () => 0.999)).to.be.closeTo(step * 1.2 + 250, step * 0.001 + 1);
    });
  });
});
