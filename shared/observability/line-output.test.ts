import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Writable } from 'node:stream';
import { expect } from 'chai';
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
