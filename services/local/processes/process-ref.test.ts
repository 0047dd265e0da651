import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { until } from '../../../tests/support/until.ts';
import { isAlive, processAt } from './process-ref.ts';

describe('process references', () => {
  it('name this process, and stay the same over time', () => {
    const me = processAt(process.pid);
    expect(me).to.deep.equal(processAt(process.pid));
    expect(me !== null && isAlive(me)).to.equal(true);
  });

  it('do not match another process under the same number', () => {
    expect(isAlive({ pid: process.pid, started: 'an earlier process' })).to.equal(false);
  });

  it('answer nothing for a number nobody has', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    expect(processAt(child.pid ?? 0)).to.equal(null);
  });

  it('count a zombie as dead: it was not waited for, but does nothing any more', async () => {
    // The shell becomes `sleep`, which never waits for the child that the shell had started.
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const [output] = (await once(parent.stdout, 'data')) as [Buffer];
      const zombie = Number(output.toString());
      await until(() => processAt(zombie) === null, { timeoutMs: 5_000, what: 'the child to count as dead' });
      expect(() => process.kill(zombie, 0)).not.to.throw();
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
