import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { Authenticator } from './authenticator.ts';
import { TokenCache } from './token-cache.ts';

const SECRET = 'a secret of at least thirty-two characters';
const secretKey = new TextEncoder().encode(SECRET);
const rules = { issuer: 'weir', audience: 'weir' };

interface Claims {
  sub?: unknown;
  role?: unknown;
  iss?: string;
  aud?: string;
  exp?: unknown;
  nbf?: number;
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;
const valid = (): Claims => ({ sub: 'ann', iss: 'weir', aud: 'weir', exp: inSeconds(60) });
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with any header and claims, rightly signed with HMAC under any key: what an attacker can make. */
function forge(header: { alg: string; [name: string]: unknown }, claims: Claims, key: string | Uint8Array): string {
  const text = `${part(header)}.${part(claims)}`;
  const hash = header.alg === 'HS512' ? 'sha512' : 'sha256';
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}

const signed = (claims: Claims): string => forge({ alg: 'HS256' }, claims, SECRET);

async function refusal(attempt: Promise<unknown>): Promise<WeirError> {
  try {
    await attempt;
  } catch (error) {
    expect(error).to.be.instanceOf(WeirError);
    return error as WeirError;
  }
  throw new Error('the token was accepted');
}

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
    ['an unsigned token (alg none)', () => `${part({ alg: 'none' })}.${part(valid())}.`],
    ['alg none in other spellings', () => `${part({ alg: 'NonE' })}.${part(valid())}.`],
    ['another HMAC than HS256', () => forge({ alg: 'HS512' }, valid(), SECRET)],
    ['a token signed with another secret', () => forge({ alg: 'HS256' }, valid(), 'x'.repeat(40))],
    ['a token signed with an empty secret', () => forge({ alg: 'HS256' }, valid(), '')],
    [
      'a token that brings its own key',
      () => forge({ alg: 'HS256', jwk: { kty: 'oct', k: 'eA' }, jku: 'http://127.0.0.1:1/' }, valid(), 'x'),
    ],
    [
      'changed claims under an old signature',
      () => {
        const [head, , signature] = signed(valid()).split('.');
        return `${head}.${part({ ...valid(), role: 'admin' })}.${signature}`;
      },
    ],
    ['an unknown critical extension', () => forge({ alg: 'HS256', crit: ['b64'], b64: false }, valid(), SECRET)],
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

describe('Authenticator with a key set', () => {
  let server: Server;
  let jwksUrl: string;
  let answer: { status: number; body: string };
  let fetched: number;

  const listen = async (): Promise<void> => {
    fetched = 0;
    server = createServer((_request, response) => {
      fetched += 1;
      response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  };
  beforeEach(listen);
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const serveKeys = async (alg: string) => {
    const pair = await generateKeyPair(alg, { extractable: true });
    answer = {
      status: 200,
      body: JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg }] }),
    };
    return pair;
  };
  const sign = (alg: string, key: Parameters<SignJWT['sign']>[0]) =>
    new SignJWT({ sub: 'ann' })
      .setProtectedHeader({ alg, kid: 'one' })
      .setIssuer('weir')
      .setAudience('weir')
      .setExpirationTime('1m')
      .sign(key);
  const withKeySet = () => new Authenticator({ ...rules, secret: '', jwksUrl });

  for (const alg of ['RS256', 'ES256', 'EdDSA']) {
    it(`accepts ${alg} and fetches the keys once`, async () => {
      const { privateKey } = await serveKeys(alg);
      const authenticator = withKeySet();
      for (let i = 0; i < 3; i++)
        expect((await authenticator.authenticate(await sign(alg, privateKey))).userId).to.equal('ann');
      expect(fetched).to.equal(1);
    });
  }

  it('refuses HS256 made with the published public key as its secret', async () => {
    const { publicKey } = await serveKeys('RS256');
    const pem = await exportSPKI(publicKey);
    for (const key of [pem, pem.trim(), answer.body, new Uint8Array(0)]) {
      const token = forge({ alg: 'HS256', kid: 'one' }, valid(), key);
      expect((await refusal(withKeySet().authenticate(token))).code).to.equal('unauthenticated');
    }
  });

  it('refuses alg none, a foreign key under a known id, and an algorithm that is not on the list', async () => {
    await serveKeys('RS256');
    const foreign = await generateKeyPair('RS256');
    const pss = await generateKeyPair('PS256');
    const tokens = [
      `${part({ alg: 'none', kid: 'one' })}.${part(valid())}.`,
      await sign('RS256', foreign.privateKey),
      await sign('PS256', pss.privateKey),
      forge({ alg: 'HS256', kid: 'one' }, valid(), secretKey),
    ];
    for (const token of tokens)
      expect((await refusal(withKeySet().authenticate(token))).code).to.equal('unauthenticated');
  });

  it('does not call a good token bad while the key set cannot be loaded', async () => {
    const { privateKey } = await serveKeys('ES256');
    const good = answer;
    const token = await sign('ES256', privateKey);
    const authenticator = withKeySet();
    for (const broken of [
      { status: 500, body: '' },
      { status: 200, body: 'no json' },
      { status: 200, body: '{}' },
    ]) {
      answer = broken;
      const error = await refusal(authenticator.authenticate(token));
      expect([error.code, error.status, error.retryAfterSeconds]).to.deep.equal(['identity_unavailable', 503, 5]);
    }
    answer = good;
    expect((await authenticator.authenticate(token)).userId).to.equal('ann');
  });

  it('says the same when nobody listens at the address', async () => {
    const { privateKey } = await serveKeys('ES256');
    server.close();
    const error = await refusal(withKeySet().authenticate(await sign('ES256', privateKey)));
    expect(error.code).to.equal('identity_unavailable');
  });
});
