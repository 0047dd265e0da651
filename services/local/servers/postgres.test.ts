import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { guardProcess, testBinary, testDir } from '../../../tests/support/test-run.ts';
import { until } from '../../../tests/support/until.ts';
import { isAlive } from '../processes/process-ref.ts';
import { signalProcess } from '../processes/stop-process.ts';
import { freePort } from './free-port.ts';
import { startPostgres, stopPostgres } from './postgres.ts';
import type { PostgresOptions } from './postgres-options.ts';

describe('a private Postgres', () => {
  async function options(): Promise<PostgresOptions> {
    const dir = testDir('postgres');
    const port = await freePort();
    return {
      binary: testBinary('postgres'),
      dir,
      port,
      password: 'x',
      logFile: join(dir, 'log'),
      durable: false,
      maxConnections: 20,
      onSpawn: guardProcess,
    };
  }

  it('starts although its lock file names a stranger who has the number now', async () => {
    const given = await options();
    const first = await startPostgres(given);
    const lockFile = join(given.dir, 'data/postmaster.pid');
    const lines = readFileSync(lockFile, 'utf8').split('\n');
    signalProcess(first, 'SIGKILL');
    await until(() => !isAlive(first), { timeoutMs: 5_000, what: 'the server to die' });
    writeFileSync(lockFile, [String(process.pid), ...lines.slice(1)].join('\n'));
    const second = await startPostgres(given);
    expect(isAlive(second)).to.equal(true);
    await stopPostgres(second);
  });

  it('never runs twice on the same data: a server that was forgotten is ended first', async () => {
    const given = await options();
    const forgotten = await startPostgres(given);
    const second = await startPostgres({ ...given, port: await freePort() });
    expect([isAlive(forgotten), isAlive(second)]).to.deep.equal([false, true]);
    await stopPostgres(second);
  });

  it('says what is wrong when it cannot start', async () => {
    const given = await options();
    const failure = await startPostgres({ ...given, maxConnections: -1 }).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(failure).to.match(/Postgres ended while starting[\s\S]*max_connections/);
  });
});
