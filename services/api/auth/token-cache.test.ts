import { expect } from 'chai';
import type { Identity } from './identity.ts';
import { TokenCache } from './token-cache.ts';

const identity = (userId: string, expiresAt: number): Identity => ({ userId, role: 'user', expiresAt });

describe('TokenCache', () => {
  it('answers a token until it expires, and never after', () => {
    let now = 1_000;
    const cache = new TokenCache({ now: () => now });
    cache.set('a', identity('ann', 5_000));
    now = 4_999;
    expect(cache.get('a')?.userId).to.equal('ann');
    now = 5_000;
    expect(cache.get('a')).to.equal(undefined);
    expect(cache.size).to.equal(0);
  });

  it('trusts a verification no longer than the bound, so that a withdrawn key is noticed', () => {
    let now = 0;
    const cache = new TokenCache({ now: () => now, maxTrustMs: 100 });
    cache.set('a', identity('ann', 1_000_000));
    now = 100;
    expect(cache.get('a')).to.equal(undefined);
  });

  it('stays within its bound and forgets the least recently used token first', () => {
    const cache = new TokenCache({ maxTokens: 2, now: () => 0 });
    cache.set('a', identity('ann', 10));
    cache.set('b', identity('ben', 10));
    cache.get('a');
    cache.set('c', identity('cid', 10));
    expect(cache.size).to.equal(2);
    expect(cache.get('b')).to.equal(undefined);
    expect(cache.get('a')?.userId).to.equal('ann');
    expect(cache.get('c')?.userId).to.equal('cid');
  });
});
