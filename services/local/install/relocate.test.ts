import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { testDir } from '../../../tests/support/test-run.ts';
import { ASSETS_LINK, relocateAlertmanager } from './relocate.ts';

describe('an unpacked Alertmanager', () => {
  const program = (content: string) => {
    const system = testDir('system');
    mkdirSync(join(system, 'usr/bin'), { recursive: true });
    const file = join(system, 'usr/bin/prometheus-alertmanager');
    writeFileSync(file, content, { mode: 0o755 });
    return { system, file };
  };

  it('looks for its texts where it is started; nothing else in it changes, not even a length', () => {
    const path = '/usr/share/prometheus/alertmanager';
    const { system, file } = program(`\0before${path}/default.tmpl\0between${path}/ui\0after`);
    relocateAlertmanager(system);
    const now = readFileSync(file, 'utf8');
    const [, replaced = ''] = /^\0before(.+)\/default\.tmpl\0between\1\/ui\0after$/.exec(now) ?? [];
    expect(replaced).to.have.length(path.length);
    expect(join('/srv', replaced)).to.match(new RegExp(`^/srv/${ASSETS_LINK}/?$`));
    expect(statSync(file).mode & 0o777).to.equal(0o755);
    relocateAlertmanager(system);
    expect(readFileSync(file, 'utf8')).to.equal(now);
  });

  it('that is not there, or looks elsewhere, is left alone', () => {
    relocateAlertmanager(testDir('empty'));
    const { system, file } = program('another build');
    relocateAlertmanager(system);
    expect(readFileSync(file, 'utf8')).to.equal('another build');
  });
});
