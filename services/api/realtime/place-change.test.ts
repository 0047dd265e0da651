import { expect } from 'chai';
import type { ToldPlace } from './local-user.ts';
import { placeChanged } from './place-change.ts';

const told = (position: number | null, estimatedWaitSeconds: number | null): ToldPlace => ({
  position,
  estimatedWaitSeconds,
  expiresAt: 'then',
  toldAt: 0,
  missed: 0,
});
const place = (position: number, estimated_wait_seconds: number | null) => ({
  position,
  estimated_wait_seconds,
  expires_at: 'then',
});

describe('placeChanged', () => {
  it('is true for another position, another deadline, and an estimate that came or went', () => {
    expect(placeChanged(told(2, 10), place(1, 10), 0)).to.equal(true);
    expect(placeChanged(told(null, null), place(1, null), 0)).to.equal(true);
    expect(placeChanged(told(1, null), place(1, 10), 0)).to.equal(true);
    expect(placeChanged(told(1, 10), place(1, null), 0)).to.equal(true);
    expect(placeChanged(told(1, 10), { ...place(1, 10), expires_at: 'later' }, 0)).to.equal(true);
  });

  it('is false for an estimate that only counts down, or differs by little', () => {
    expect(placeChanged(told(1, 60), place(1, 50), 10_000)).to.equal(false);
    expect(placeChanged(told(1, 60), place(1, 59), 10_000)).to.equal(false);
    expect(placeChanged(told(1, 60), place(1, 61), 10_000)).to.equal(true);
    expect(placeChanged(told(1, 1), place(1, 0), 60_000)).to.equal(false);
    expect(placeChanged(told(1, null), place(1, null), 60_000)).to.equal(false);
  });
});
