import { expect } from 'chai';
import { until } from '../../../tests/support/until.ts';
import { KeptReads } from './kept-reads.ts';

describe('values kept in memory', () => {
  it('are let go when their life is over, also when nobody asks for them again', async () => {
    const kept = new KeptReads<object>({ lifeMs: 20, maxSize: 1_000, sizeOf: () => 1 });
    for (let n = 0; n < 100; n++) await kept.get(`${n}`, async () => ({ n }));
    expect(kept.size).to.be.greaterThan(0);
    await until(() => kept.size === 0, { timeoutMs: 5_000, what: 'memory without them' });
  });
});
