import { expect } from 'chai';
import type { HistoryPoint } from '../../../../shared/protocol/http-history.ts';
import { boundsOf, type HistoryRange, renewalMs } from './history-range.ts';

const hour: HistoryRange = { kind: 'last', ms: 3_600_000 };
const past: HistoryRange = { kind: 'between', from: new Date(1_000), to: new Date(2_000) };
const point = { at: new Date(1_000).toISOString(), users: 1 } as HistoryPoint;

describe('a range of the history', () => {
  it('that ends now moves on with time; one between two moments stays', () => {
    expect(boundsOf(hour, 7_200_000)).to.deep.equal({ from: new Date(3_600_000), to: new Date(7_200_000) });
    expect(boundsOf(past, 7_200_000)).to.include({ from: past.from, to: past.to });
  });

  it('that ends now is read again as often as it gets a point, but every 5 to 60 s', () => {
    expect([1, 15, 600].map((step_seconds) => renewalMs(hour, { step_seconds, points: [point] }))).to.deep.equal([
      5_000, 15_000, 60_000,
    ]);
  });

  it('that ends now is read again soon while nothing is known of it, however far apart its points will be', () => {
    expect(renewalMs(hour, undefined)).to.equal(5_000);
    expect(renewalMs(hour, { step_seconds: 600, points: [] })).to.equal(5_000);
  });

  it('between two moments is read once', () => {
    expect(renewalMs(past, { step_seconds: 5, points: [point] })).to.equal(undefined);
  });
});
