import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { isAlive, type ProcessRef, processAt } from './process-ref.ts';
import { signalProcess, stopProcess } from './stop-process.ts';

describe('stopping a process', () => {
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  async function start(script: string): Promise<ProcessRef> {
    const child = spawn(process.execPath, ['-e', `${script}; setInterval(() => {}, 1000); console.log('up')`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    const ref = processAt(child.pid ?? 0);
    if (ref === null) throw new Error('the process died');
    return ref;
  }

  it('waits for an orderly end', async () => {
    const ref = await start('process.on("SIGTERM", () => setTimeout(() => process.exit(0), 50))');
    expect(await stopProcess(ref, { signal: 'SIGTERM', graceMs: 5_000 })).to.equal('stopped');
    expect(isAlive(ref)).to.equal(false);
  });

  it('kills what does not listen', async () => {
    const ref = await start('process.on("SIGTERM", () => {})');
    expect(await stopProcess(ref, { signal: 'SIGTERM', graceMs: 50 })).to.equal('killed');
    expect(isAlive(ref)).to.equal(false);
  });

  it('reaches a frozen process', async () => {
    const ref = await start('');
    signalProcess(ref, 'SIGSTOP');
    expect(await stopProcess(ref, { signal: 'SIGTERM', graceMs: 5_000 })).to.equal('stopped');
  });

  it('never touches another process that has the number now', async () => {
    const ref = await start('');
    const stale = { ...ref, started: 'an earlier process' };
    expect(signalProcess(stale, 'SIGKILL')).to.equal(false);
    expect(await stopProcess(stale, { signal: 'SIGKILL', graceMs: 1_000 })).to.equal('gone');
    expect(isAlive(ref)).to.equal(true);
  });
});
