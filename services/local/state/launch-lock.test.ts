import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { testDir } from '../../../tests/support/test-run.ts';
import { processAt } from '../processes/process-ref.ts';
import { withLock } from './launch-lock.ts';

describe('launch lock', () => {
  it('lets one in at a time and names the holder to the others', async () => {
    const file = join(testDir('lock'), 'lock');
    const outcome = await withLock(file, () => withLock(file, async () => 'never'));
    expect(outcome).to.deep.equal({ done: { heldBy: processAt(process.pid) } });
    expect(existsSync(file)).to.equal(false);
  });

  it('is free again after a failure', async () => {
    const file = join(testDir('lock'), 'lock');
    await withLock(file, () => Promise.reject(new Error('broken'))).catch(() => {});
    expect(await withLock(file, async () => 'mine')).to.deep.equal({ done: 'mine' });
  });

  it('is taken over from a holder that died, also when its number has been given to somebody else', async () => {
    const file = join(testDir('lock'), 'lock');
    writeFileSync(file, JSON.stringify({ pid: process.pid, started: 'an earlier process' }));
    expect(await withLock(file, async () => 'mine')).to.deep.equal({ done: 'mine' });
  });
});
