import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { testDir } from '../../../tests/support/test-run.ts';
import { findBinaries } from './binaries.ts';
import { SERVER_NAMES } from './program-names.ts';

/** A file system with empty programs in it. */
function root(...files: string[]): string {
  const folder = testDir('root');
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
    chmodSync(join(folder, file), 0o755);
  }
  return folder;
}

describe('finding the servers', () => {
  it('finds all three where Debian has them, the newest Postgres, and says what is missing', () => {
    const debian = root(
      'usr/lib/postgresql/9/bin/postgres',
      'usr/lib/postgresql/9/bin/initdb',
      'usr/lib/postgresql/15/bin/postgres',
      'usr/lib/postgresql/15/bin/initdb',
      'usr/bin/redis-server',
      'usr/sbin/nginx',
    );
    const { found, missing } = findBinaries(SERVER_NAMES, { path: [], roots: [debian] });
    expect(found.postgres?.path).to.equal(join(debian, 'usr/lib/postgresql/15/bin/postgres'));
    expect(found.redis?.path).to.equal(join(debian, 'usr/bin/redis-server'));
    expect(found.nginx?.path).to.equal(join(debian, 'usr/sbin/nginx'));
    expect(missing).to.deep.equal([]);
    expect(findBinaries(SERVER_NAMES, { path: [], roots: [root('usr/sbin/nginx')] }).missing).to.deep.equal([
      'postgres',
      'redis',
    ]);
  });

  it('finds an unpacked browser itself, not the script with fixed paths, and tells it where its fonts are', () => {
    const debian = root('usr/bin/chromium', 'usr/lib/chromium/chromium');
    const { chromium } = findBinaries(['chromium'], { path: [], roots: [debian] }).found;
    expect(chromium?.path).to.equal(join(debian, 'usr/lib/chromium/chromium'));
    expect(chromium?.environment.FONTCONFIG_FILE).to.equal(join(debian, 'etc/fonts/fonts.conf'));
  });

  it('finds them where Homebrew has them', () => {
    const mac = root(
      'opt/homebrew/opt/postgresql@16/bin/postgres',
      'opt/homebrew/opt/postgresql@16/bin/initdb',
      'opt/homebrew/bin/redis-server',
      'opt/homebrew/bin/nginx',
    );
    expect(findBinaries(SERVER_NAMES, { path: [], roots: [mac] }).missing).to.deep.equal([]);
  });

  it('follows a link to Postgres to where its other programs are, and takes none without them', () => {
    const real = root('opt/pg/bin/postgres', 'opt/pg/bin/initdb');
    const links = testDir('links');
    symlinkSync(join(real, 'opt/pg/bin/postgres'), join(links, 'postgres'));
    expect(findBinaries(SERVER_NAMES, { path: [links], roots: [] }).found.postgres?.path).to.equal(
      join(real, 'opt/pg/bin/postgres'),
    );
    expect(findBinaries(SERVER_NAMES, { path: [join(root('bin/postgres'), 'bin')], roots: [] }).missing).to.include(
      'postgres',
    );
  });

  it('prefers the machine over unpacked packages, and gives only those a library path', () => {
    const unpacked = root('usr/bin/redis-server', 'usr/sbin/nginx', 'usr/lib/x86_64-linux-gnu/libjemalloc.so.2');
    const machine = root('usr/sbin/nginx');
    const { found } = findBinaries(SERVER_NAMES, { path: [join(machine, 'usr/sbin')], roots: [unpacked] });
    expect(found.nginx).to.deep.equal({ path: join(machine, 'usr/sbin/nginx'), environment: {} });
    expect(found.redis?.environment.LD_LIBRARY_PATH?.split(':')).to.include(join(unpacked, 'usr/lib/x86_64-linux-gnu'));
  });

  it('finds the programs of monitoring under the names of Debian and of their projects', () => {
    const names = ['prometheus', 'alertmanager', 'redis-exporter', 'nginx-exporter'] as const;
    const debian = root('usr/bin/prometheus', 'usr/bin/prometheus-alertmanager', 'usr/bin/prometheus-nginx-exporter');
    const { found, missing } = findBinaries(names, { path: [], roots: [debian] });
    expect(found.alertmanager?.path).to.equal(join(debian, 'usr/bin/prometheus-alertmanager'));
    expect(missing).to.deep.equal(['redis-exporter']);
    const mac = root('opt/homebrew/bin/alertmanager', 'opt/homebrew/bin/redis_exporter');
    expect(findBinaries(names, { path: [], roots: [mac] }).missing).to.deep.equal(['prometheus', 'nginx-exporter']);
  });

  it('does not take a file that cannot be run', () => {
    const folder = root('usr/bin/redis-server');
    chmodSync(join(folder, 'usr/bin/redis-server'), 0o644);
    expect(findBinaries(SERVER_NAMES, { path: [], roots: [folder] }).missing).to.include('redis');
  });
});
