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

  it('is no fault of a heap in which only compiled code grows, and is one where objects do', () => {
    // The program holds 26 MB of 43; it is looked into three times.
    const looked = (perSecond: number, looks: number[]) =>
      soak((t) => 43 * MB + sawtooth(t) + t * 1_000).map((point) => {
        const value = 26 * MB + point.t * perSecond + (point.t % 7) * 1_000;
        const isLook = looks.includes(point.t);
        const objects = { part: 'replica-1', quantity: 'objects' as const, value };
        return isLook ? { ...point, vitals: [...point.vitals, objects] } : point;
      });
    const verdicts = (perSecond: number, looks = [875, 1_250, 1_660]) =>
      Object.fromEntries(growthOf(looked(perSecond, looks)).map(({ quantity, verdict }) => [quantity, verdict]));
    expect(verdicts(0)).to.deep.equal({ heap: 'compiled', objects: 'flat' });
    expect(verdicts(500)).to.deep.equal({ heap: 'growing', objects: 'growing' });
    // Too few looks to be certain of 9 % an hour, but they show it.
    const unsure = looked(0, [875, 1_250, 1_660]).map((point) => ({
      ...point,
      vitals: point.vitals.map((vital) =>
        vital.quantity === 'objects'
          ? { ...vital, value: 26 * MB + (point.t - 875) * 700 + (point.t === 1_250 ? 0.3 * MB : 0) }
          : vital,
      ),
    }));
    expect(growthOf(unsure).map(({ quantity, verdict }) => [quantity, verdict])).to.deep.equal([
      ['heap', 'growing'],
      ['objects', 'flat'],
    ]);
    // One look was missed: two points have no error, so nothing is excused.
    expect(verdicts(0, [875, 1_660])).to.deep.equal({ heap: 'growing', objects: 'too short' });
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
