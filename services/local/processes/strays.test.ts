import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { testDir } from '../../../tests/support/test-run.ts';
import { straysIn } from './strays.ts';

describe('strays', () => {
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  async function startIn(cwd: string): Promise<number> {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    return child.pid ?? 0;
  }

  it('are processes of the same program in exactly that folder', async () => {
    const dir = testDir('strays');
    mkdirSync(join(dir, 'below'));
    const stray = await startIn(dir);
    await startIn(join(dir, 'below'));
    expect(straysIn(dir, process.execPath).map((ref) => ref.pid)).to.deep.equal([stray]);
  });

  it('are never another program that works there, such as a shell', async () => {
    const dir = testDir('strays');
    await startIn(dir);
    expect(straysIn(dir, '/usr/sbin/nginx')).to.deep.equal([]);
  });

  it('are none in a folder that does not exist', () => {
    expect(straysIn('/nowhere/at/all', process.execPath)).to.deep.equal([]);
  });
});
