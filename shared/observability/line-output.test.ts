import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { until } from '../../tests/support/until.ts';
import { LineOutput } from './line-output.ts';

describe('LineOutput', () => {
  it('writes the lines of one turn at once, in order, and holds none beyond it', async () => {
    const writes: string[] = [];
    const target = new Writable({
      decodeStrings: false,
      write: (text, _encoding, done) => {
        writes.push(text);
        done();
      },
    });
    const output = new LineOutput(target);
    for (const line of ['a\n', 'b\n', 'c\n']) output.write(line);
    expect(writes).to.deep.equal([]);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(writes).to.deep.equal(['a\nb\nc\n']);
    output.end();
  });

  it('shows no text that is to be hidden, in whatever part of a line it stands', () => {
    const program = `
      import { createLogger } from ${JSON.stringify(new URL('./logger.ts', import.meta.url).href)};
      const log = createLogger({ level: 'info', fields: { replica: 'r' }, hide: ['key "one"', 'key-two'] });
      log.child({ a: 'key-two' }).info('with key "one"', { error: new Error('no key-two'), deep: [{ b: 'xkey-twox' }] });
      process.exit();
    `;
    const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect(stdout).not.to.match(/key-two|key .{0,2}one/);
    expect(JSON.parse(stdout)).to.include({ a: '[hidden]', message: 'with [hidden]' });
  });

  it('lets the process go on when nothing can be written, as on a full disk', () => {
    const program = `
      import { createLogger } from ${JSON.stringify(new URL('./logger.ts', import.meta.url).href)};
      const log = createLogger({ level: 'info', fields: { replica: 'r' } });
      for (let n = 0; n < 3; n++) {
        log.info('lost');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      process.exit(3);
    `;
    const full = openSync('/dev/full', 'w');
    const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect([child.status, child.stderr]).to.deep.equal([3, '']);
  });

  it('goes on logging, from a new line on, when there is room again on the disk', async function () {
    this.timeout(20_000);
    const folder = mkdtempSync(join(tmpdir(), 'line-output-'));
    const file = join(folder, 'log');
    const program = join(folder, 'program.mts');
    writeFileSync(
      program,
      `
      import { createLogger } from ${JSON.stringify(new URL('./logger.ts', import.meta.url).href)};
      const log = createLogger({ level: 'info', fields: { replica: 'r' } });
      let n = 0;
      setInterval(() => log.info('line', { n: n++, filler: 'x'.repeat(300) }), 1);
    `,
    );
    // A file that may not grow beyond 8 KiB (the one full disk that takes no root to make), and a signal for it that is not heeded.
    const script = `trap '' XFSZ; ulimit -f 8; TSX_DISABLE_CACHE=1 exec "$@" >> "${file}" 2>&1`;
    const child = spawn('bash', ['-c', script, 'bash', process.execPath, '--import', 'tsx', program], {
      cwd: new URL('../..', import.meta.url),
    });
    const ended = once(child, 'exit');
    const text = () => readFileSync(file, 'utf8');
    const numbers = (lines: string[]) => lines.map((line) => (JSON.parse(line) as { n: number }).n);
    const sizeOf = () => (existsSync(file) ? statSync(file).size : 0);
    try {
      await until(() => sizeOf() === 8_192, { timeoutMs: 15_000, what: 'the file to be full' });
      const before = text();
      expect(before.endsWith('\n'), 'the last line is cut in the middle').to.equal(false);
      const last = numbers(before.split('\n').slice(0, -1)).at(-1) ?? 0;
      // Some room, behind a line that is cut.
      const room = before.length - 4_003;
      expect(before[room - 1]).not.to.equal('\n');
      truncateSync(file, room);
      await until(() => sizeOf() === 8_192, { timeoutMs: 5_000, what: 'it to be written to again' });
      const [ofTheCutOne, ...after] = text().slice(room).split('\n').slice(0, -1);
      expect(ofTheCutOne).to.equal('');
      expect(after).to.have.length.greaterThan(5);
      expect(numbers(after)[0]).to.be.greaterThan(last + 1);
      expect(child.exitCode).to.equal(null);
    } finally {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    }
  });

  it('loses no line of a process that exits at once', () => {
    const program = `
      import { createLogger } from ${JSON.stringify(new URL('./logger.ts', import.meta.url).href)};
      const log = createLogger({ level: 'info', fields: { replica: 'r' } });
      log.info('first');
      log.error('last', { error: new Error('why') });
      process.exit(3);
    `;
    const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect(child.status).to.equal(3);
    const lines = child.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { message: string; error?: { message: string } });
    expect(lines.map((line) => line.message)).to.deep.equal(['first', 'last']);
    expect(lines[1]?.error?.message).to.equal('why');
  });
});
