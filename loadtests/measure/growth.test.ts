import { expect } from 'chai';
import { growthOf, regression } from './growth.ts';

const HALF_AN_HOUR = 1_800;
const MB = 1_000_000;

/** A soak: users come within two minutes, and leave in the last two. `heap` says what is read at second t. */
function soak(heap: (t: number) => number, seconds = HALF_AN_HOUR) {
  return Array.from({ length: seconds / 5 }, (_, n) => {
    const t = n * 5;
    const users = t < 120 || t > seconds - 120 ? 100 : 500;
    return { t, users, vitals: [{ part: 'replica-1', quantity: 'heap' as const, value: heap(t) }] };
  });
}

/** Rises for a minute by 40 MB and is collected. */
const sawtooth = (t: number) => ((t % 60) / 60) * 40 * MB;
const only = (points: ReturnType<typeof soak>) => growthOf(points)[0];

describe('growth in a soak', () => {
  it('is found in a heap that is collected to a little more each time', () => {
    const found = only(soak((t) => 80 * MB + sawtooth(t) + t * 10_000));
    expect(found?.verdict).to.equal('growing');
    expect((found?.perHour ?? 0) / MB).to.be.closeTo(36, 4);
  });

  it('is none in a heap that is collected to the same each time, however much it swings', () => {
    expect(only(soak((t) => 80 * MB + sawtooth(t)))?.verdict).to.equal('flat');
  });

  it('is not what happened while users came, left, or caches filled', () => {
    expect(only(soak((t) => 80 * MB + Math.min(t, 600) * 100_000 + sawtooth(t)))?.verdict).to.equal('flat');
    const leaving = soak((t) => (t > HALF_AN_HOUR - 120 ? 300 : 80) * MB);
    expect(only(leaving)?.verdict).to.equal('flat');
  });

  it('is none of what V8 compiles late, and is one of 100 bytes a run, or of less in a longer soak', () => {
    // A soak does 28 runs a second on each replica.
    const verdict = (bytesPerRun: number, seconds?: number) =>
      only(soak((t) => 43 * MB + sawtooth(t) + t * 28 * bytesPerRun, seconds))?.verdict;
    expect(verdict(50)).to.equal('flat');
    expect(verdict(100)).to.equal('growing');
    expect(verdict(50, 3 * HALF_AN_HOUR)).to.equal('growing');
  });

  it('is none that nobody would notice in a day', () => {
    expect(only(soak((t) => 80 * MB + t * 500))?.verdict).to.equal('flat');
  });

  it('is not judged after a few minutes', () => {
    expect(only(soak((t) => 80 * MB + t * 100_000, 600))?.verdict).to.equal('too short');
  });

  it('is none where nothing was read', () => {
    expect(growthOf([{ t: 0, users: 5, vitals: [] }])).to.deep.equal([]);
  });

  it('comes from a line of least squares, with its standard error', () => {
    const { slope, error } = regression([
      [0, 1],
      [1, 3],
      [2, 2],
      [3, 5],
    ]);
    // By hand: Sxx = 5, Sxy = 5.5, residual sum of squares 2.7 with 2 degrees of freedom.
    expect(slope).to.be.closeTo(1.1, 1e-9);
    expect(error).to.be.closeTo(Math.sqrt(2.7 / 2 / 5), 1e-9);
  });
});
