import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { settingFaults } from '../../tests/support/setting-faults.ts';
import { loadSettings } from './load.ts';
import { SECRET_FILE_SETTINGS } from './secret-files.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';

describe('secrets in files', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-secrets-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  it('are read as if they had been set, without the line end that editors add', () => {
    const settings = loadSettings({
      WEIR_JWT_SECRET_FILE: file('jwt', `${SECRET}\n`),
      WEIR_DATABASE_URL_FILE: file('database', 'postgres://weir:p@db/weir\r\n'),
    });
    expect(settings.WEIR_JWT_SECRET).to.equal(SECRET);
    expect(settings.WEIR_DATABASE_URL).to.equal('postgres://weir:p@db/weir');
  });

  it('are held to the same rules, and an empty file means "not set"', () => {
    const empty = file('empty', '\n');
    expect(settingFaults({ WEIR_JWT_SECRET_FILE: file('short', 'short') }).join()).to.include('at least 32 characters');
    expect(settingFaults({ WEIR_JWT_SECRET_FILE: empty }).join()).to.include('WEIR_JWT_SECRET or WEIR_JWKS_URL');
    expect(settingFaults({ WEIR_JWT_SECRET: SECRET, WEIR_LLM_PRIMARY_API_KEY_FILE: empty })).to.deep.equal([]);
  });

  it('are refused when they are also set directly, or cannot be read; the sentence names the setting and no secret', () => {
    const missing = join(folder, 'missing');
    expect(
      settingFaults({ WEIR_JWT_SECRET: SECRET, WEIR_JWT_SECRET_FILE: missing, WEIR_REDIS_URL_FILE: missing }),
    ).to.deep.equal([
      `WEIR_REDIS_URL_FILE: ENOENT when reading ${missing}.`,
      'WEIR_JWT_SECRET and WEIR_JWT_SECRET_FILE exclude each other.',
    ]);
  });

  it('exist for every secret and for nothing else', () => {
    expect(SECRET_FILE_SETTINGS).to.include.members(['WEIR_JWT_SECRET_FILE', 'WEIR_DATABASE_URL_FILE']);
    expect(settingFaults({ WEIR_JWT_SECRET: SECRET, WEIR_MAX_USERS_FILE: '/x' }).join()).to.include('is not a setting');
  });
});
