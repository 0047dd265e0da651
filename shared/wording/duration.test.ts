import { expect } from 'chai';
import { ago, duration, estimate, instant, latency, wholeSeconds } from './duration.ts';

describe('durations', () => {
  it('are written in the unit a person would choose', () => {
    const written = [0, 420, 999.6, 3_249, 9_960, 48_000, 59_600, 245_000, 7_800_000, 273_600_000].map(duration);
    expect(written).to.deep.equal([
      '0 ms',
      '420 ms',
      '1.0 s',
      '3.2 s',
      '10 s',
      '48 s',
      '1 min 00 s',
      '4 min 05 s',
      '2 h 10 min',
      '3 d 4 h',
    ]);
    expect(duration(-5)).to.equal('0 ms');
    expect(duration(Number.NaN)).to.equal('0 ms');
  });

  it('show whole seconds for what is counted and no false precision for what is guessed', () => {
    expect([0, 1_000, 3_400, 59_600].map(wholeSeconds)).to.deep.equal(['0 s', '1 s', '3 s', '1 min 00 s']);
    expect([0.2, 1, 12.4, 89, 240, 7_200].map(estimate)).to.deep.equal([
      'under a second',
      'about 1 s',
      'about 12 s',
      'about 89 s',
      'about 4 min',
      'about 2 h',
    ]);
    expect([0.42, 9.96, 30].map(latency)).to.deep.equal(['0.4 ms', '10.0 ms', '30 ms']);
  });

  it('say how long ago something was, and forgive a server whose clock runs ahead', () => {
    const now = Date.parse('2026-01-01T00:01:00Z');
    expect(ago('2026-01-01T00:00:48Z', now)).to.equal('12 s ago');
    expect(ago('2026-01-01T00:01:05Z', now)).to.equal('just now');
    expect(instant('2026-01-01T00:00:48.123Z')).to.equal('2026-01-01 00:00:48 UTC');
  });
});
