import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { AT, sampleStanding, sampleStatus } from '../../../../tests/support/api/standing.ts';
import { recordedLog } from '../../../../tests/support/recorded-log.ts';
import { sampleIncident } from '../../../../tests/support/sample-incident.ts';
import { testDir } from '../../../../tests/support/test-run.ts';
import { until } from '../../../../tests/support/until.ts';
import { StatusSnapshot } from './snapshot.ts';

describe('the snapshot of the status page', () => {
  const snapshotIn = (folder: string, standing = () => sampleStanding()) => {
    const log = recordedLog();
    return Object.assign(
      new StatusSnapshot({ board: { standing: async () => standing() }, folder, publicUrl: '', log }),
      { lines: log.lines },
    );
  };

  it('is all that the page needs, whole files only, however many replicas write at once', async () => {
    const folder = join(testDir('snapshot'), 'made', 'anew');
    await Promise.all(Array.from({ length: 8 }, () => snapshotIn(folder).write()));
    expect((await readdir(folder)).sort()).to.deep.equal([
      'feed.rss',
      'script.js',
      'stale.html',
      'status.json',
      'style.css',
      'summary.json',
    ]);
    expect(await readFile(join(folder, 'stale.html'), 'utf8')).to.match(/live data unavailable[\s\S]*<\/html>\n$/);
    expect(JSON.parse(await readFile(join(folder, 'status.json'), 'utf8'))).to.include({ status: 'Down', at: AT });
    expect((await stat(join(folder, 'stale.html'))).mode & 0o777).to.equal(0o644);
  });

  it('is written anew when something has changed, and left alone otherwise', async () => {
    const folder = testDir('snapshot');
    let status = sampleStatus();
    const snapshot = snapshotIn(folder, () => sampleStanding({ status }));
    await snapshot.write();
    await writeFile(join(folder, 'stale.html'), 'touched');
    status = sampleStatus({ at: '2026-01-01T14:02:05.000Z' });
    await snapshot.write();
    expect(await readFile(join(folder, 'stale.html'), 'utf8')).to.equal('touched');
    status = sampleStatus({ incidents: [sampleIncident()] });
    await snapshot.write();
    expect(await readFile(join(folder, 'stale.html'), 'utf8')).to.include('Slow model');
  });

  it('goes on when the folder is not to be written to, and says so once', async () => {
    const blocked = join(testDir('snapshot'), 'file');
    await writeFile(blocked, '');
    const snapshot = snapshotIn(join(blocked, 'folder'));
    await snapshot.write();
    await snapshot.write();
    expect(snapshot.lines.filter(({ message }) => message === 'status snapshot not written')).to.have.length(1);
    await rm(blocked);
    await snapshot.write();
    expect(await readdir(join(blocked, 'folder'))).to.have.length(6);
  });

  it('is kept while the service runs, and nothing is without a folder', async () => {
    const folder = testDir('snapshot');
    const snapshot = snapshotIn(folder);
    await snapshot.start();
    await until(async () => (await readdir(folder)).length === 6, { timeoutMs: 5_000, what: 'the snapshot' });
    await snapshot.stop();
    const none = snapshotIn('');
    await none.start();
    await none.stop();
  });
});
