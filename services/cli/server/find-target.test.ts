import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { jwtVerify } from 'jose';
import { ApiUnreachable } from '../../../shared/protocol/client/api-unreachable.ts';
import { UsageError } from '../usage-error.ts';
import { findTarget } from './find-target.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';

describe('findTarget', () => {
  let local: string;
  let nothing: string;

  before(() => {
    local = mkdtempSync(join(tmpdir(), 'weir-cli-'));
    nothing = mkdtempSync(join(tmpdir(), 'weir-cli-'));
    writeFileSync(join(local, 'cluster.json'), JSON.stringify({ httpPort: 8099, replicas: 3, settings: {} }));
    writeFileSync(join(local, 'secrets.json'), JSON.stringify({ jwtSecret: SECRET }));
  });
  after(() => {
    rmSync(local, { recursive: true });
    rmSync(nothing, { recursive: true });
  });

  it('finds the cluster that was started here and makes its own token for the role that is needed', async () => {
    const target = findTarget({ WEIR_STATE_DIR: local });
    expect(target.url).to.equal('http://127.0.0.1:8099');
    for (const role of ['user', 'admin'] as const) {
      const { payload } = await jwtVerify((await target.token(role)) ?? '', new TextEncoder().encode(SECRET), {
        issuer: 'weir',
        audience: 'weir',
      });
      expect(payload).to.include({ sub: 'local', role });
    }
  });

  it('prefers what WEIR_URL and WEIR_TOKEN say', async () => {
    const target = findTarget({
      WEIR_STATE_DIR: local,
      WEIR_URL: 'https://weir.example.com/base/',
      WEIR_TOKEN: 'mine',
    });
    expect(target.url).to.equal('https://weir.example.com/base');
    expect(await target.token('admin')).to.equal('mine');
    expect(await findTarget({ WEIR_STATE_DIR: local, WEIR_TOKEN: 'mine' }).token('user')).to.equal('mine');
  });

  it('makes tokens for its own cluster under either of its names, and for no other', async () => {
    const token = (url: string) => findTarget({ WEIR_STATE_DIR: local, WEIR_URL: url }).token('user');
    expect(await token('http://localhost:8099')).to.be.a('string');
    expect(await token('http://127.0.0.1:8099/')).to.be.a('string');
    expect(await token('http://127.0.0.1:8098')).to.equal(null);
    expect(await token('http://weir.example.com:8099')).to.equal(null);
  });

  it('says so when there is no cluster, or the address is none', () => {
    expect(() => findTarget({ WEIR_STATE_DIR: nothing })).to.throw(ApiUnreachable, 'No cluster is running here');
    for (const WEIR_URL of ['127.0.0.1:8080', 'ftp://x', 'weir']) {
      expect(() => findTarget({ WEIR_STATE_DIR: nothing, WEIR_URL }), WEIR_URL).to.throw(
        UsageError,
        'WEIR_URL must be an address',
      );
    }
  });
});
