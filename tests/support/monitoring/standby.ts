import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import { spawnDetached } from '../../../services/local/processes/spawn-detached.ts';
import { stopProcess } from '../../../services/local/processes/stop-process.ts';
import { untilReady } from '../../../services/local/processes/until-ready.ts';
import { freePort } from '../../../services/local/servers/free-port.ts';
import { unprivileged } from '../../../services/local/servers/unprivileged.ts';
import { guardProcess, testBinary, testDir } from '../test-run.ts';

/** A real second Postgres that receives everything and replays nothing, so that it falls behind. `close` ends it. */
export async function pausedStandby(primaryUrl: string): Promise<{ close(): Promise<void> }> {
  const primary = new URL(primaryUrl);
  const binary = testBinary('postgres');
  const dir = testDir('standby');
  const data = join(dir, 'data');
  const logFile = join(dir, 'log');
  const runner = unprivileged([dir, binary.path], data);
  runner.own(dir);
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'GMT', PGPASSWORD: primary.password, ...binary.environment };

  const from = ['-h', primary.hostname, '-p', primary.port, '-U', primary.username];
  const copy = runner.wrap(join(dirname(binary.path), 'pg_basebackup'), [
    ...[...from, '-D', data, '--checkpoint=fast', '--no-sync', '--write-recovery-conf'],
  ]);
  await execa(copy.command, copy.args, { cwd: '/', env, extendEnv: false, ...runner.spawnAs });

  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'fsync=off'];
  const { rows } = await asked(primaryUrl, 'SHOW max_connections');
  const server = runner.wrap(binary.path, [
    ...['-D', data, '-c', 'dynamic_shared_memory_type=mmap', '-c', `max_connections=${rows[0]?.max_connections}`],
    ...settings.flatMap((setting) => ['-c', setting]),
  ]);
  const ref = await spawnDetached({ ...server, cwd: '/', env, logFile, ...runner.spawnAs });
  guardProcess(ref);
  const url = Object.assign(new URL(primaryUrl), { port: String(port) }).href;
  const pause = () =>
    asked(url, 'SELECT pg_wal_replay_pause()').then(
      () => true,
      () => false,
    );
  await untilReady(ref, { name: 'The standby', logFile, timeoutMs: 20_000, isReady: pause });
  return {
    async close() {
      await stopProcess(ref, { signal: 'SIGINT', graceMs: 10_000 });
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function asked(url: string, query: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(query);
  } finally {
    await client.end();
  }
}
