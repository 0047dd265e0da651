/** First words of error replies that mean "not now": the server loads, is a replica, is full, cannot persist or is busy with a script. */
const PASSING_REPLIES = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|OOM|BUSY) /;

/** Redis cannot be asked now; whether the command took effect is not known. Callers fall back, and try again later. */
export class RedisUnavailable extends Error {
  constructor(cause: unknown) {
    super('Redis is not available.', { cause });
    this.name = 'RedisUnavailable';
  }

  /** For `catch`: what ioredis rejected with, told apart into "not available" (this class) and faults of ours (as they are). */
  static from(error: unknown): Error {
    if (error instanceof RedisUnavailable || error instanceof TypeError || error instanceof RangeError) return error;
    if (error instanceof Error && error.name === 'ReplyError' && !PASSING_REPLIES.test(error.message)) return error;
    return new RedisUnavailable(error);
  }
}
