import { expect } from 'chai';
import { type Claims, forgedToken, inSeconds, tokenPart } from '../../../tests/support/api/forged-token.ts';
import { refusal } from '../../../tests/support/api/refusal.ts';
import { Authenticator } from './authenticator.ts';
import { TokenCache } from './token-cache.ts';

const SECRET = 'a secret of at least thirty-two characters';
const rules = { issuer: 'weir', audience: 'weir' };

const valid = (): Claims => ({ sub: 'ann', iss: 'weir', aud: 'weir', exp: inSeconds(60) });
const signed = (claims: Claims): string => forgedToken({ alg: 'HS256' }, claims, SECRET);

describe('Authenticator with a shared secret', () => {
  let authenticator: Authenticator;
  beforeEach(() => {
    authenticator = new Authenticator({ ...rules, secret: SECRET, jwksUrl: '' });
  });

  it('answers user, role and expiry of a valid token; the role is user unless the token says admin', async () => {
    const exp = inSeconds(60);
    const plain = await authenticator.authenticateHeader(`Bearer ${signed({ ...valid(), exp })}`);
    expect(plain).to.deep.equal({ userId: 'ann', role: 'user', expiresAt: exp * 1_000 });
    const admin = await authenticator.authenticateHeader(`bearer ${signed({ ...valid(), role: 'admin' })}`);
    expect(admin.role).to.equal('admin');
  });

  const refused: Array<[string, () => string]> = [
    ['an unsigned token (alg none)', () => `${tokenPart({ alg: 'none' })}.${tokenPart(valid())}.`],
    ['alg none in other spellings', () => `${tokenPart({ alg: 'NonE' })}.${tokenPart(valid())}.`],
    ['another HMAC than HS256', () => forgedToken({ alg: 'HS512' }, valid(), SECRET)],
    ['a token signed with another secret', () => forgedToken({ alg: 'HS256' }, valid(), 'x'.repeat(40))],
    ['a token signed with an empty secret', () => forgedToken({ alg: 'HS256' }, valid(), '')],
    [
      'a token that brings its own key',
      () => forgedToken({ alg: 'HS256', jwk: { kty: 'oct', k: 'eA' }, jku: 'http://127.0.0.1:1/' }, valid(), 'x'),
    ],
    [
      'changed claims under an old signature',
      () => {
        const [head, , signature] = signed(valid()).split('.');
        return `${head}.${tokenPart({ ...valid(), role: 'admin' })}.${signature}`;
      },
    ],
    ['an unknown critical extension', () => forgedToken({ alg: 'HS256', crit: ['b64'], b64: false }, valid(), SECRET)],
    ['an expired token', () => signed({ ...valid(), exp: inSeconds(-60) })],
    ['a token without expiry', () => signed({ ...valid(), exp: undefined })],
    ['an expiry that is not a number', () => signed({ ...valid(), exp: '9999999999' })],
    ['a token that is not valid yet', () => signed({ ...valid(), nbf: inSeconds(60) })],
    ['another issuer', () => signed({ ...valid(), iss: 'elsewhere' })],
    ['another audience', () => signed({ ...valid(), aud: 'elsewhere' })],
    ['a token without subject', () => signed({ ...valid(), sub: undefined })],
    ['an empty subject', () => signed({ ...valid(), sub: '' })],
    ['a subject that is no string', () => signed({ ...valid(), sub: ['ann'] })],
    ['a subject of 201 characters', () => signed({ ...valid(), sub: 'a'.repeat(201) })],
    ['a subject with a line break', () => signed({ ...valid(), sub: 'ann\r\nadmin' })],
    ['a subject with NUL', () => signed({ ...valid(), sub: 'ann\0' })],
    ['an unknown role', () => signed({ ...valid(), role: 'root' })],
    ['a role in a list', () => signed({ ...valid(), role: ['admin'] })],
    ['a token of 10,000 characters', () => signed({ ...valid(), sub: 'a'.repeat(10_000) })],
    ['something that is no token', () => 'abc'],
    ['dots alone', () => '..'],
  ];
  for (const [what, token] of refused) {
    it(`refuses ${what}`, async () => {
      expect((await refusal(authenticator.authenticate(token()))).code).to.equal('unauthenticated');
    });
  }

  for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', `Bearer a b`, 'Token abc']) {
    it(`refuses the header ${JSON.stringify(header)}`, async () => {
      expect((await refusal(authenticator.authenticateHeader(header))).code).to.equal('unauthenticated');
    });
  }

  it('keeps why a token was refused out of what the caller sees', async () => {
    const error = await refusal(authenticator.authenticate(signed({ ...valid(), iss: 'elsewhere' })));
    expect(error.detail).to.not.match(/iss|claim/);
    expect(String(error.cause)).to.contain('iss');
  });

  it('accepts 200 characters of any script as subject', async () => {
    const sub = 'ü'.repeat(200);
    expect((await authenticator.authenticate(signed({ ...valid(), sub }))).userId).to.equal(sub);
  });

  it('verifies a token once, and again only when it has left the cache', async () => {
    let now = Date.now();
    const cached = new Authenticator({
      ...rules,
      secret: SECRET,
      jwksUrl: '',
      cache: new TokenCache({ now: () => now }),
    });
    const token = signed(valid());
    const first = await cached.authenticate(token);
    expect(await cached.authenticate(token)).to.equal(first);
    now += 120_000;
    expect(await cached.authenticate(token)).to.not.equal(first);
  });

  it('never serves a refused token from the cache', async () => {
    const token = signed({ ...valid(), aud: 'elsewhere' });
    await refusal(authenticator.authenticate(token));
    await refusal(authenticator.authenticate(token));
  });
});
