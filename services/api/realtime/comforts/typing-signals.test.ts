import { expect } from 'chai';
import { TYPING_INTERVAL_MS, TYPING_LIFE_MS, TypingSignals } from './typing-signals.ts';

describe('TypingSignals', () => {
  let told: Array<[string, boolean]>;
  let signals: TypingSignals;
  beforeEach(() => {
    told = [];
    signals = new TypingSignals((runId, userId, typing) => told.push([`${runId}/${userId}`, typing]));
  });
  const key = (now: number, typing = true, who = 'ann') => signals.accept('run', who, typing, now);

  it('tells the first keystroke at once, then one signal each interval while they go on', () => {
    expect(key(0)).to.equal(true);
    for (let now = 50; now < TYPING_INTERVAL_MS; now += 50) expect(key(now)).to.equal(false);
    expect(key(TYPING_INTERVAL_MS)).to.equal(true);
    expect(told).to.deep.equal([
      ['run/ann', true],
      ['run/ann', true],
    ]);
  });

  it('tells the end, too, when the interval is over, and not if typing went on meanwhile', () => {
    key(0);
    expect(key(10, false)).to.equal(false);
    signals.sweep(1_000);
    expect(told).to.have.length(1);
    signals.sweep(TYPING_INTERVAL_MS);
    expect(told.at(-1)).to.deep.equal(['run/ann', false]);
    key(TYPING_INTERVAL_MS + 10);
    key(TYPING_INTERVAL_MS + 20, false);
    key(TYPING_INTERVAL_MS + 30);
    signals.sweep(TYPING_INTERVAL_MS * 2 - 1);
    signals.sweep(TYPING_INTERVAL_MS * 2);
    expect(told.filter(([, typing]) => !typing)).to.have.length(1);
  });

  it('says nothing of an end without a beginning, and keeps people and runs apart', () => {
    expect(key(0, false)).to.equal(false);
    key(0);
    expect(key(0, true, 'bob')).to.equal(true);
    expect(signals.accept('other', 'ann', true, 0)).to.equal(true);
    expect(told.map(([who]) => who)).to.deep.equal(['run/ann', 'run/bob', 'other/ann']);
  });

  it('forgets who is silent, so that the next keystroke is told at once', () => {
    key(0);
    signals.sweep(TYPING_LIFE_MS);
    expect(key(TYPING_LIFE_MS + 1)).to.equal(true);
    signals.clear();
    expect(key(TYPING_LIFE_MS + 2)).to.equal(true);
  });

  it('costs the same however many keys are hit: a minute of typing is at most 31 signals', () => {
    for (let now = 0; now < 60_000; now += 5) {
      key(now, now % 100 !== 0);
      if (now % 1_000 === 0) signals.sweep(now);
    }
    expect(told.length).to.be.at.most(31);
  });
});
