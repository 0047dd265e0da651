import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { guardProcess, testDir } from '../../../tests/support/test-run.ts';
import { isAlive, type ProcessRef, processAt } from '../processes/process-ref.ts';
import { spawnDetached } from '../processes/spawn-detached.ts';
import { untilGone } from '../processes/stop-process.ts';
import { writeJson } from '../state/json-file.ts';
import { StateDir } from '../state/state-dir.ts';
import { Part } from './part.ts';

describe('a part of the cluster', () => {
  const strangers: ChildProcess[] = [];

  afterEach(() => {
    for (const child of strangers.splice(0)) child.kill('SIGKILL');
  });

  function part(state: StateDir, starts: ProcessRef[] = [], ready: () => Promise<void> = async () => {}): Part {
    const workDir = state.part('sleeper');
    mkdirSync(workDir, { recursive: true });
    const start = async (onSpawn: (ref: ProcessRef) => void) => {
      const args = ['-e', 'setInterval(() => {}, 1000)'];
      const ref = await spawnDetached({
        command: process.execPath,
        args,
        cwd: workDir,
        env: {},
        logFile: state.log('sleeper'),
      });
      starts.push(ref);
      onSpawn(ref);
      await ready();
      return ref;
    };
    return new Part(
      { name: 'sleeper', program: process.execPath, workDir, start, stop: { signal: 'SIGTERM', graceMs: 5_000 } },
      state,
      guardProcess,
    );
  }

  const fresh = () => new StateDir(testDir('part')).create();

  it('starts once, whoever asks how often', async () => {
    const state = fresh();
    expect(await part(state).ensure()).to.equal('started');
    const pid = part(state).running()?.pid;
    expect(await part(state).ensure()).to.equal('kept');
    expect(part(state).running()?.pid).to.equal(pid);
    expect(await part(state).stop()).to.equal(true);
    expect(part(state).running()).to.equal(null);
    expect(await part(state).stop()).to.equal(false);
  });

  it('never stops a stranger whom the kernel gave the number in its pid file', async () => {
    const state = fresh();
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    strangers.push(stranger);
    await once(stranger.stdout, 'data');
    const real = processAt(stranger.pid ?? 0);
    writeJson(state.pidFile('sleeper'), { pid: stranger.pid, started: 'before the reboot' });
    expect(part(state).running()).to.equal(null);
    expect(await part(state).stop()).to.equal(false);
    expect(real !== null && isAlive(real)).to.equal(true);
  });

  it('is stopped although its pid file was lost', async () => {
    const state = fresh();
    await part(state).ensure();
    const ref = part(state).running();
    writeJson(state.pidFile('sleeper'), 'damaged');
    expect(await part(state).stop()).to.equal(true);
    expect(ref !== null && (await untilGone(ref, 1_000))).to.equal(true);
  });

  it('leaves nothing behind when it does not become ready', async () => {
    const state = fresh();
    const starts: ProcessRef[] = [];
    const failing = part(state, starts, () => Promise.reject(new Error('not ready')));
    expect(
      await failing.ensure().then(
        () => '',
        (error: Error) => error.message,
      ),
    ).to.equal('not ready');
    expect(starts.map(isAlive)).to.deep.equal([false]);
    expect(existsSync(state.pidFile('sleeper'))).to.equal(false);
  });
});
