import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { Authenticator } from '../../services/api/auth/authenticator.ts';
import { WeirError } from '../../shared/errors/weir-error.ts';
import { hostileJson } from './fuzz/hostile-json.ts';
import { hostileOptions } from './options.ts';

const SECRET = 'a secret of at least thirty-two characters';
const RULES = { issuer: 'weir', audience: 'weir' };
const { seed } = hostileOptions(process.env);
const TOKENS = 1_500;

const IN_A_MINUTE = Math.floor(Date.now() / 1_000) + 60;
const CLAIMS = `"sub":"ann","iss":"weir","aud":"weir","exp":${IN_A_MINUTE}`;
const ALGORITHMS = [
  'none',
  'None',
  'NONE',
  'HS256',
  'hs256',
  'HS384',
  'HS512',
  'RS256',
  'PS256',
  'ES256',
  'EdDSA',
  'dir',
  '',
];
/** Values of `kid` that lead somewhere where it is taken for a path, a statement, a name or an address. */
const KEY_IDS = [
  'one',
  'two',
  '',
  '../../../../dev/null',
  "x' UNION SELECT 'secret",
  '__proto__',
  'constructor',
  '0',
  'http://127.0.0.1:1/',
  '\u0000',
  'x'.repeat(5_000),
];

const part = (text: string | Buffer): string => Buffer.from(text).toString('base64url');

/** JSON of a header; now and then of a kind that no header has. */
const headers = fc
  .record({
    alg: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...ALGORITHMS).map((name) => JSON.stringify(name)) },
      { weight: 1, arbitrary: hostileJson },
    ),
    kid: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...KEY_IDS).map((name) => JSON.stringify(name)) },
      { weight: 1, arbitrary: hostileJson },
    ),
    more: fc.constantFrom(
      '',
      ',"b64":false,"crit":["b64"]',
      ',"crit":["exp"]',
      ',"crit":[]',
      ',"jwk":{"kty":"oct","k":"eA"}',
      ',"jku":"http://127.0.0.1:1/keys"',
      ',"x5u":"http://127.0.0.1:1/chain"',
      ',"x5c":["AAAA"]',
      ',"zip":"DEF"',
      ',"cty":"JWT"',
      ',"typ":"JOSE+JSON"',
      ',"alg":"none"',
      ',"__proto__":{"alg":"none"}',
    ),
  })
  .map(({ alg, kid, more }) => `{"alg":${alg},"kid":${kid}${more}}`);

const payloads = fc.oneof(
  { weight: 3, arbitrary: fc.constant(`{${CLAIMS}}`) },
  { weight: 1, arbitrary: fc.constant(`{${CLAIMS},"sub":"root","role":"admin"}`) },
  { weight: 1, arbitrary: hostileJson },
);

describe(`hostile tokens (SEED=${seed})`, function () {
  this.timeout(60_000);
  let server: Server;
  let jwksUrl: string;
  let fetched = 0;
  /** What an attacker may know and might take for a key. */
  let published: string[];

  before(async () => {
    const pairs = await Promise.all(['RS256', 'ES256'].map((alg) => generateKeyPair(alg, { extractable: true })));
    const keys = await Promise.all(
      pairs.map(async ({ publicKey }, n) => ({ ...(await exportJWK(publicKey)), kid: ['one', 'two'][n] })),
    );
    published = [
      JSON.stringify({ keys }),
      ...keys.map((key) => JSON.stringify(key)),
      ...(await Promise.all(pairs.map(({ publicKey }) => exportSPKI(publicKey)))),
    ];
    server = createServer((_request, response) => {
      fetched += 1;
      response.end(published[0]);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  for (const [mode, options] of [
    ['a shared secret', () => ({ ...RULES, secret: SECRET, jwksUrl: '' })],
    ['a key set', () => ({ ...RULES, secret: '', jwksUrl })],
  ] as const) {
    it(`are refused with ${mode} as any other bad token, whatever their header says`, async () => {
      const authenticator = new Authenticator(options());
      fetched = 0;
      const keys = fc.constantFrom('', 'x', '\0', ...published);
      const signatures = fc.oneof(
        fc.tuple(keys, fc.constantFrom('sha256', 'sha384', 'sha512')).map(
          ([key, hash]) =>
            (text: string) =>
              createHmac(hash, key).update(text).digest('base64url'),
        ),
        fc.constantFrom('', 'AA', '.', 'A'.repeat(9_000)).map((text) => () => text),
        // As an ES256 signature with r = s = 0 (CVE-2022-21449), and an RSA one of zeros.
        fc.constantFrom(64, 256).map((size) => () => part(Buffer.alloc(size))),
      );
      const property = fc.asyncProperty(headers, payloads, signatures, async (header, payload, sign) => {
        const text = `${part(header)}.${part(payload)}`;
        const refusal = await authenticator
          .authenticateHeader(`Bearer ${text}.${sign(text)}`)
          .catch((error: unknown) => error);
        if (!(refusal instanceof WeirError))
          throw new Error(`let in, or failed: ${JSON.stringify(refusal)} ${refusal}`);
        expect(refusal.code, String(refusal.cause)).to.equal('unauthenticated');
        expect(refusal.detail).to.equal(new WeirError('unauthenticated').detail);
      });
      await fc.assert(property, { seed, numRuns: TOKENS });
      // Whoever invents ids of keys does not make us ask the identity provider each time.
      expect(fetched).to.be.at.most(1);
    });
  }
});
