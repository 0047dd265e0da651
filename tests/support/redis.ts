import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { redisUrl, startRedis as startServer, stopRedis } from '../../services/local/servers/redis.ts';
import { redisCommand } from '../../services/local/servers/redis-command.ts';
import { type PrivateServer, privateServer } from './private-server.ts';
import { atEndOfRun, testBinary, testDir } from './test-run.ts';

const PASSWORD = 'tests-only';

/** Keys of one suite, in batches, so that the server stays responsive for others. */
const REMOVE_PREFIX = `
local cursor = '0'
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1] .. ':*', 'COUNT', 1000)
  cursor = page[1]
  if #page[2] > 0 then redis.call('UNLINK', unpack(page[2])) end
until cursor == '0'
return 1`;

export interface TestRedis {
  url: string;
  /** For `WEIR_REDIS_PREFIX`: nobody else in this run uses it. */
  prefix: string;
  /** Removes the keys below the prefix. */
  close(): Promise<void>;
}

export interface PrivateRedis extends PrivateServer {
  readonly url: string;
  /** Sends one command; the first line of the answer. */
  command(...words: string[]): Promise<string>;
}

let shared: Promise<PrivateRedis> | undefined;

/** A fresh key prefix on the Redis of this run. */
export async function testRedis(): Promise<TestRedis> {
  shared ??= startRedis({ durable: false });
  const server = await shared;
  const prefix = `test:${randomBytes(6).toString('hex')}`;
  const close = async () => void (await server.command('EVAL', REMOVE_PREFIX, '0', prefix));
  return { url: server.url, prefix, close };
}

/**
 * A Redis of the caller's own. It keeps its data (append-only file, as in the cluster) over stop, kill and start, unless `durable` is
 * false: then every start is empty. Ends with the run if not before.
 */
export async function startRedis(options: { durable?: boolean } = {}): Promise<PrivateRedis> {
  const dir = testDir('redis');
  const server = await privateServer({
    start: (place) =>
      startServer({
        binary: testBinary('redis'),
        dir,
        ...place,
        password: PASSWORD,
        logFile: join(dir, 'log'),
        durable: options.durable ?? true,
      }),
    stop: stopRedis,
  });
  atEndOfRun(() => server.stop());
  return Object.assign(server, {
    url: redisUrl(server.port, PASSWORD),
    command: (...words: string[]) => redisCommand({ port: server.port, password: PASSWORD }, words),
  });
}
