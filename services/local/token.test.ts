import { expect } from 'chai';
import { jwtVerify } from 'jose';
import { mintToken } from './token.ts';

describe('local tokens', () => {
  it('carry user, role, issuer, audience and an end', async () => {
    const secret = 'x'.repeat(32);
    const token = await mintToken({
      secret,
      userId: 'alice',
      role: 'admin',
      issuer: 'weir',
      audience: 'weir',
      lifetimeSeconds: 60,
    });
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
      issuer: 'weir',
      audience: 'weir',
      algorithms: ['HS256'],
    });
    expect(payload).to.include({ sub: 'alice', role: 'admin' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).to.be.within(59, 61);
  });
});
