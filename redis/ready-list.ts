import type { Redis } from 'ioredis';
import { MAX_BLOCK_MS, type RedisConnections } from './client.ts';
import type { Keys } from './keys.ts';
import type { ReadyRun } from './results.ts';
import { RedisUnavailable } from './unavailable.ts';

/** Life (s) of the message that ends a wait, should the wait have ended otherwise just before. */
const ABORT_LIFE_SECONDS = 60;

/**
 * Waits for ready runs on a connection of its own. BLMPOP cannot be taken back once sent, so each wait also listens to a list of its own,
 * and aborting is a message there: it cannot come too early, and Redis alone decides which of the two is answered.
 */
export class ReadyList {
  private connection: Redis | undefined;
  private waits = 0;

  constructor(
    private readonly connections: RedisConnections,
    private readonly keys: Keys,
    private readonly id: string,
  ) {}

  /** The next ready runs, at most `max`; none within the time, or aborted: none. They may come although `signal` has just aborted. */
  async pop(timeoutSeconds: number, signal: AbortSignal, max: number): Promise<ReadyRun[]> {
    if (signal.aborted) return [];
    this.connection ??= this.connections.blocking();
    const connection = this.connection;
    const abortKey = this.keys.abort(`${this.id}:${++this.waits}`);
    const abort = () => void this.endWait(abortKey, connection);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const timeout = Math.min(timeoutSeconds, MAX_BLOCK_MS / 1000);
      const popped = await connection.blmpop(timeout, 2, abortKey, this.keys.capacity('ready'), 'LEFT', 'COUNT', max);
      return popped === null || popped[0] === abortKey ? [] : popped[1].map(parseReady);
    } catch (error) {
      if (signal.aborted) return [];
      throw RedisUnavailable.from(error);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  private async endWait(abortKey: string, connection: Redis): Promise<void> {
    try {
      await this.connections.command.multi().rpush(abortKey, '').expire(abortKey, ABORT_LIFE_SECONDS).exec();
    } catch {
      // Redis is away: what is left is to cut the connection, which reconnects when it is used again.
      connection.disconnect(true);
    }
  }
}

function parseReady(line: string): ReadyRun {
  const [runId = '', attemptFloor, grantedAt, grantNo] = line.split(':');
  return { runId, attemptFloor: Number(attemptFloor), grantedAt: Number(grantedAt), grantNo: Number(grantNo) };
}
