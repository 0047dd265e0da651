import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { Authenticator } from './authenticator.ts';
import { TokenCache } from './token-cache.ts';

const RULES = { issuer: 'weir', audience: 'weir', secret: '' };

describe('a key set whose keys change', () => {
  let server: Server;
  let jwksUrl: string;
  let fetched: number;
  let answer: (response: ServerResponse) => void;
  const pairs = new Map<string, GenerateKeyPairResult>();

  before(async () => {
    for (const kid of ['old', 'new']) pairs.set(kid, await generateKeyPair('ES256', { extractable: true }));
  });
  beforeEach(async () => {
    fetched = 0;
    server = createServer((_request, response) => {
      fetched += 1;
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const pairOf = (kid: string): GenerateKeyPairResult => {
    const pair = pairs.get(kid);
    if (pair === undefined) throw new Error(`no key ${kid}`);
    return pair;
  };
  async function publish(...kids: string[]): Promise<void> {
    const keys = await Promise.all(kids.map(async (kid) => ({ ...(await exportJWK(pairOf(kid).publicKey)), kid })));
    answer = (response) => void response.end(JSON.stringify({ keys }));
  }
  const tokenBy = (kid: string, sub = 'ann') =>
    new SignJWT({ sub })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setIssuer('weir')
      .setAudience('weir')
      .setExpirationTime('1h')
      .sign(pairOf(kid).privateKey);
  async function refusalOf(attempt: Promise<unknown>): Promise<WeirError> {
    const refusal = await attempt.catch((error: unknown) => error);
    if (!(refusal instanceof WeirError)) throw new Error('let in');
    return refusal;
  }

  it('lets in tokens of a key that came later, without a restart', async () => {
    await publish('old');
    const authenticator = new Authenticator({ ...RULES, jwksUrl, keySetCooldownMs: 0 });
    await authenticator.authenticate(await tokenBy('old'));
    await publish('old', 'new');
    expect((await authenticator.authenticate(await tokenBy('new'))).userId).to.equal('ann');
    expect(fetched).to.equal(2);
  });

  it('refuses tokens of a key that was taken back, at the latest when nobody’s word is remembered any more', async () => {
    let now = Date.now();
    const cache = new TokenCache({ now: () => now });
    await publish('old');
    const authenticator = new Authenticator({ ...RULES, jwksUrl, keySetCooldownMs: 0, cache });
    const known = await tokenBy('old');
    await authenticator.authenticate(known);
    await publish('new');
    await authenticator.authenticate(await tokenBy('new'));
    expect((await refusalOf(authenticator.authenticate(await tokenBy('old', 'eve')))).code).to.equal('unauthenticated');
    now += 300_001;
    expect((await refusalOf(authenticator.authenticate(known))).code).to.equal('unauthenticated');
  });

  it('asks the identity provider once, however many unknown keys strangers name', async () => {
    await publish('old');
    const authenticator = new Authenticator({ ...RULES, jwksUrl });
    await authenticator.authenticate(await tokenBy('old'));
    const token = await tokenBy('new');
    const refusals = await Promise.all(Array.from({ length: 50 }, () => refusalOf(authenticator.authenticate(token))));
    expect(new Set(refusals.map(({ code }) => code))).to.deep.equal(new Set(['unauthenticated']));
    expect(fetched).to.equal(1);
  });

  it('says 503 before Nginx gives up, when the identity provider takes the question and never answers', async () => {
    answer = () => {};
    const begun = performance.now();
    const refusal = await refusalOf(new Authenticator({ ...RULES, jwksUrl }).authenticate(await tokenBy('old')));
    expect([refusal.code, refusal.retryAfterSeconds]).to.deep.equal(['identity_unavailable', 5]);
    expect(performance.now() - begun, 'ms').to.be.below(4_000);
  });
});
