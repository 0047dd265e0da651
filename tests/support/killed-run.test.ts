import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { isAlive, type ProcessRef, processAt } from '../../services/local/processes/process-ref.ts';
import { until } from './until.ts';

/** A test run of its own that starts a Redis and then does nothing. */
const RUN = `
const { startRedis } = await import(${JSON.stringify(new URL('./redis.ts', import.meta.url).href)});
const { testDir } = await import(${JSON.stringify(new URL('./test-run.ts', import.meta.url).href)});
const redis = await startRedis();
console.log(JSON.stringify({ pid: redis.pid, dir: testDir('any') }));
setInterval(() => {}, 1000);
`;

describe('a test run that is killed', () => {
  it('leaves neither servers nor folders behind', async () => {
    const run = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', RUN], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(run.stdout, 'data')) as [Buffer];
    const { pid, dir } = JSON.parse(line.toString()) as { pid: number; dir: string };
    const server = processAt(pid) as ProcessRef;
    expect(isAlive(server)).to.equal(true);
    run.kill('SIGKILL');
    await until(() => !isAlive(server) && !existsSync(dir), {
      timeoutMs: 10_000,
      what: 'the server and the folder to be gone',
    });
  });
});
