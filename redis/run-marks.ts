import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';
import { RedisUnavailable } from './unavailable.ts';

/**
 * A mark says that a run is as it was: it stands until somebody removes it, who has just changed the run, or until its life is over. What
 * was read from Postgres after the mark was there may be shown for as long as the same mark is.
 */
export class RunMarks {
  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
  ) {}

  /** The mark of a run; one that lives `lifeMs` is made if there is none. No mark ever comes again. Needs Redis 7 (`SET … NX GET`). */
  async of(runId: string, lifeMs: number): Promise<string> {
    const fresh = randomUUID();
    try {
      return (await this.redis.set(this.keys.runMark(runId), fresh, 'PX', lifeMs, 'NX', 'GET')) ?? fresh;
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }

  /** The runs have changed. Sent before this returns, so that what is sent afterwards arrives afterwards. */
  async remove(runIds: readonly string[]): Promise<void> {
    try {
      if (runIds.length > 0) await this.redis.unlink(runIds.map((id) => this.keys.runMark(id)));
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }
}
