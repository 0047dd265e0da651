import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { forgedToken, inSeconds, tokenPart } from '../../../tests/support/api/forged-token.ts';
import { refusal } from '../../../tests/support/api/refusal.ts';
import { Authenticator } from './authenticator.ts';

const SECRET = new TextEncoder().encode('a secret of at least thirty-two characters');
const rules = { issuer: 'weir', audience: 'weir' };
const valid = () => ({ sub: 'ann', iss: 'weir', aud: 'weir', exp: inSeconds(60) });

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
      const token = forgedToken({ alg: 'HS256', kid: 'one' }, valid(), key);
      expect((await refusal(withKeySet().authenticate(token))).code).to.equal('unauthenticated');
    }
  });

  it('refuses alg none, a foreign key under a known id, and an algorithm that is not on the list', async () => {
    await serveKeys('RS256');
    const foreign = await generateKeyPair('RS256');
    const pss = await generateKeyPair('PS256');
    const tokens = [
      `${tokenPart({ alg: 'none', kid: 'one' })}.${tokenPart(valid())}.`,
      await sign('RS256', foreign.privateKey),
      await sign('PS256', pss.privateKey),
      forgedToken({ alg: 'HS256', kid: 'one' }, valid(), SECRET),
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
