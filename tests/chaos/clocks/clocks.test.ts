import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { testDir } from '../../support/test-run.ts';
import { Clocks } from './clocks.ts';

const PROGRAM = `
  const begun = { wall: Date.now(), steady: performance.now() };
  process.stdin.on('data', () => console.log(JSON.stringify({ date: Date.now(), made: new Date().getTime(), steady: performance.now() - begun.steady })));
`;

describe('the clock of a process', () => {
  it('can be put forward and back while it runs, and durations stay right', async function () {
    this.timeout(120_000);
    const clocks = await Clocks.open(testDir('clocks'));
    const child = spawn(process.execPath, ['-e', PROGRAM], {
      env: clocks.environmentOf('one'),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const ask = async () => {
      child.stdin.write('?');
      const line = String((await lines.next()).value);
      const { date, made, steady } = JSON.parse(line) as { date: number; made: number; steady: number };
      expect(Math.abs(date - made)).to.be.lessThan(1_000);
      return { offBy: Math.round((date - Date.now()) / 1_000), steady };
    };
    const until = async (offBy: number) => {
      const since = performance.now();
      for (let seen = await ask(); seen.offBy !== offBy; seen = await ask())
        expect(performance.now() - since, `off by ${seen.offBy} s`).to.be.lessThan(5_000);
    };
    await until(0);
    const { steady } = await ask();
    const since = performance.now();
    for (const offBy of [300, -300, 0]) {
      clocks.set('one', offBy);
      await until(offBy);
    }
    const passed = performance.now() - since;
    expect((await ask()).steady - steady).to.be.within(passed - 500, passed + 2_000);
    child.stdin.end();
    child.kill();
    await once(child, 'exit');
  });
});
