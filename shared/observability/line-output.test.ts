import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { LineOutput } from './line-output.ts';

describe('LineOutput', () => {
  it('writes the lines of one turn at once, in order, and holds none beyond it', async () => {
    const writes: string[] = [];
    const output = new LineOutput({ write: (text) => writes.push(text) });
    for (const line of ['a\n', 'b\n', 'c\n']) output.write(line);
    expect(writes).to.deep.equal([]);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(writes).to.deep.equal(['a\nb\nc\n']);
    output.end();
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
