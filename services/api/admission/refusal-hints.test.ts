import { expect } from 'chai';
import { RefusalHints } from './refusal-hints.ts';

describe('RefusalHints', () => {
  let now = 0;
  let hints: RefusalHints;

  beforeEach(() => {
    now = 0;
    hints = new RefusalHints(() => now);
  });

  it('knows nothing at first', () => {
    expect(hints.refusalFor('ann')).to.equal(null);
  });

  it('remembers a full queue for everybody, for a second', () => {
    hints.learn('queue_full', 'ann');
    expect(hints.refusalFor('bob')).to.equal('queue_full');
    now = 1_000;
    expect(hints.refusalFor('bob')).to.equal(null);
  });

  it("remembers a user's own limit for that user only, and before the full queue", () => {
    hints.learn('queue_full', 'bob');
    hints.learn('user_queue_full', 'ann');
    expect(hints.refusalFor('ann')).to.equal('user_queue_full');
    expect(hints.refusalFor('bob')).to.equal('queue_full');
  });

  it('forgets a user and the full queue when one of the user’s runs has left it', () => {
    hints.learn('queue_full', 'ann');
    hints.learn('user_queue_full', 'ann');
    hints.learn('user_queue_full', 'bob');
    hints.forget('ann');
    expect(hints.refusalFor('ann')).to.equal(null);
    expect(hints.refusalFor('bob')).to.equal('user_queue_full');
  });

  it('forgets everything when the limits have changed', () => {
    hints.learn('user_queue_full', 'ann');
    hints.forget();
    expect(hints.refusalFor('ann')).to.equal(null);
  });
});
