import { expect } from 'chai';
import { queuePlace } from './queue-place.ts';

describe('queuePlace', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const expires_at = '2026-01-01T00:04:48Z';

  it('says position, estimate and end', () => {
    expect(queuePlace({ position: 3, estimated_wait_seconds: 12.4, expires_at }, now)).to.equal(
      'position 3, starts in about 12 s, waits 4 min 48 s at most',
    );
  });

  it('says honestly what is not known yet', () => {
    expect(queuePlace({ position: null, estimated_wait_seconds: null, expires_at }, now)).to.equal(
      'position not known yet, start not known yet, waits 4 min 48 s at most',
    );
    expect(queuePlace({ position: 1, estimated_wait_seconds: 0, expires_at }, now + 300_000)).to.equal(
      'position 1, starts in under a second, its time is up',
    );
  });
});
