import { expect } from 'chai';
import { chaosOptions, figureOptions } from './options.ts';

describe('the options of the chaos rig', () => {
  it('are a drawn seed and 2,000 runs unless something is said', () => {
    expect(chaosOptions({}, () => 0.5)).to.deep.equal({
      seed: 500_000,
      runs: 2_000,
      pace: 1,
      short: false,
      without: [],
    });
  });

  it('are what is said, and SHORT asks for fewer runs', () => {
    expect(chaosOptions({ SEED: '7', SHORT: '1' })).to.include({ seed: 7, runs: 300, short: true });
    expect(chaosOptions({ SEED: '7', RUNS: '50', SHORT: '0' })).to.include({ seed: 7, runs: 50, short: false });
  });

  it('leave out the faults that are named, and refuse what is no number or no fault', () => {
    expect(chaosOptions({ WITHOUT: 'redis-full,redis-paused' }).without).to.deep.equal(['redis-full', 'redis-paused']);
    expect(() => chaosOptions({ WITHOUT: 'rain' })).to.throw('There is no fault "rain"');
    expect(() => chaosOptions({ SEED: 'x' })).to.throw('SEED is a whole number');
  });

  it('leave out everything but what is named', () => {
    const { without } = chaosOptions({ ONLY: 'redis-full,redis-paused', WITHOUT: 'redis-full' });
    expect(without).to.include.members(['redis-full', 'replica-killed']);
    expect(without).not.to.include('redis-paused');
  });

  it('ask for figures only when they say so, for some kinds or all, 20 times', () => {
    expect(figureOptions({ FIGURES: '0' })).to.equal(null);
    expect(figureOptions({ FIGURES: '1', KINDS: 'leader-killed' })).to.deep.equal({
      kinds: ['leader-killed'],
      times: 20,
    });
    expect(figureOptions({ FIGURES: '1', TIMES: '3' })?.kinds).to.include.members([
      'replica-killed',
      'rolling-restart',
    ]);
    expect(() => figureOptions({ FIGURES: '1', KINDS: 'rain' })).to.throw('There is no measurement "rain"');
  });
});
