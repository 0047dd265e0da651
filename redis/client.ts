import { EventEmitter } from 'node:events';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../shared/observability/logger.ts';
import { RedisUnavailable } from './unavailable.ts';
import { writeOnceATurn } from './write-once-a-turn.ts';

/** Longest wait (ms) for the answer to a command: beyond, the caller falls back. A script takes some ms at most. */
const COMMAND_TIMEOUT_MS = 1_000;
/** Silence (ms) with an answer outstanding after which a connection counts as dead and is made anew: a frozen server closes nothing. */
const SILENCE_LIMIT_MS = 2_000;
/** Longest wait (ms) for a ready run; the silence limit of a blocking connection lies as far beyond it as that of the others. */
export const MAX_BLOCK_MS = 5_000;
/** Between PINGs of the subscriber (ms), which otherwise sends nothing and so would never notice a dead connection. */
const SUBSCRIBER_PING_MS = 5_000;

/** For ever, soon at first (a restart takes a second), never rarer than this (ms), spread so that replicas do not come in step. */
const LONGEST_RETRY_MS = 500;
const retryStrategy = (attempt: number) =>
  Math.min(LONGEST_RETRY_MS, 20 * 2 ** Math.min(attempt, 10)) * (0.75 + Math.random() / 2);

/** Without the choice of reply shapes, which ioredis has in the type of the connection. */
type Options = Omit<RedisOptions, 'replyMapping'>;

const SHARED: Options = {
  retryStrategy,
  connectTimeout: SILENCE_LIMIT_MS,
  maxLoadingRetryTime: 250,
  // With 0, what is under way when the connection breaks fails at once and nothing is ever sent twice; what is asked while it is down
  // waits for the next try to connect, not longer.
  maxRetriesPerRequest: 0,
};

const COMMAND: Options = { commandTimeout: COMMAND_TIMEOUT_MS, socketTimeout: SILENCE_LIMIT_MS };

/**
 * The connections of one process to one Redis: `command` for everything, `subscriber` for channels, and one per blocking reader, since a
 * blocked connection answers nobody else. Each reconnects for ever. Emits `up` and `down` of the command connection; commands are
 * answered or rejected within about a second whatever the state.
 */
export class RedisConnections extends EventEmitter<{ up: []; down: [] }> {
  readonly command: Redis;
  readonly subscriber: Redis;
  private readonly all: Redis[] = [];
  private answering: string | undefined;
  private asking: Promise<string> | undefined;
  private readonly pinging: NodeJS.Timeout;

  constructor(
    private readonly url: string,
    private readonly log: Logger,
  ) {
    super();
    this.command = this.open('command', COMMAND);
    writeOnceATurn(this.command);
    this.command.on('ready', () => {
      this.askServer().catch(() => {});
      this.emit('up');
      // Once, although every try to reconnect that fails closes a connection as well.
      this.command.once('close', () => {
        this.answering = undefined;
        this.emit('down');
      });
    });
    // Channels subscribes anew by itself, so that it knows when all subscriptions hold again.
    this.subscriber = this.open('subscriber', { socketTimeout: SILENCE_LIMIT_MS, autoResubscribe: false });
    this.pinging = setInterval(() => this.subscriber.ping().catch(() => {}), SUBSCRIBER_PING_MS).unref();
  }

  /** Whether the command connection is usable. */
  get up(): boolean {
    return this.command.status === 'ready';
  }

  /**
   * The server process behind the command connection (its run id), which has all that it ever answered: another process may have lost
   * the end of it. undefined: not known yet, or the connection is down; see {@link askServer}. What is sent in the same turn of
   * the event loop is executed by this process or not at all.
   */
  get server(): string | undefined {
    return this.up ? this.answering : undefined;
  }

  /** Learns {@link server}, once per connection. Rejects with RedisUnavailable. */
  askServer(): Promise<string> {
    // One question for all who ask meanwhile, so that they go on in the order in which they came.
    this.asking ??= this.readServer().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async readServer(): Promise<string> {
    try {
      const said = await this.command.info('server');
      this.answering = /^run_id:(\w+)/m.exec(said)?.[1] ?? '';
      return this.answering;
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }

  /** A connection for commands that block up to MAX_BLOCK_MS. */
  blocking(): Redis {
    return this.open('blocking', { socketTimeout: MAX_BLOCK_MS + SILENCE_LIMIT_MS });
  }

  /** Resolves when the command connection is usable; rejects with RedisUnavailable after `timeoutMs`. */
  async ready(timeoutMs = 5_000): Promise<void> {
    if (this.up) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.off('up', succeed);
        settle();
      };
      const succeed = () => finish(resolve);
      const timer = setTimeout(
        () => finish(() => reject(new RedisUnavailable(`no connection within ${timeoutMs} ms`))),
        timeoutMs,
      );
      this.on('up', succeed);
    });
  }

  /** Round trip of a PING in ms. */
  async ping(): Promise<number> {
    const start = performance.now();
    try {
      await this.command.ping();
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
    return performance.now() - start;
  }

  /** A further node for commands, such as one of the leader lock's. */
  node(url: string): Redis {
    return this.open('node', COMMAND, url);
  }

  /** Ends all connections; what is under way fails. */
  async close(): Promise<void> {
    clearInterval(this.pinging);
    await Promise.all(this.all.map(end));
  }

  /** An outage is one line in the log when it begins and one when it ends, however often reconnecting fails in between. */
  private open(connection: string, options: Options, url = this.url): Redis {
    const redis = new Redis(url, { ...SHARED, ...options, connectionName: `weir-${connection}` });
    let failing = false;
    // Also keeps ioredis from printing it, and Node from ending the process.
    redis.on('error', (error) => {
      if (!failing) this.log.warn('Redis connection failed, reconnecting', { connection, error });
      failing = true;
    });
    redis.on('ready', () => {
      if (failing) this.log.info('Redis connection is back', { connection });
      failing = false;
    });
    this.all.push(redis);
    return redis;
  }
}

async function end(redis: Redis): Promise<void> {
  if (redis.status === 'end') return;
  const ended = new Promise((resolve) => redis.once('end', resolve));
  // Between two tries to connect ioredis would never say that it has ended, nor reject what waits: the next try is what we end.
  if (redis.status === 'reconnecting') redis.once('connecting', () => redis.disconnect());
  else redis.disconnect();
  await ended;
}
