import { expect } from 'chai';
import { retryAfterSeconds } from './retry-after.ts';

describe('retryAfterSeconds', () => {
  it('reads seconds and dates, and answers null for anything else', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(retryAfterSeconds('12')).to.equal(12);
    expect(retryAfterSeconds('Thu, 01 Jan 2026 00:00:30 GMT', now)).to.equal(30);
    expect(retryAfterSeconds('Wed, 31 Dec 2025 00:00:00 GMT', now)).to.equal(0);
    for (const nothing of [null, undefined, '', 'soon', '-5 apples']) expect(retryAfterSeconds(nothing)).to.equal(null);
  });
});
