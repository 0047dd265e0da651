import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';
import { RedisUnavailable } from './unavailable.ts';

/** Length (ms) of a slot: the finest step of the history. */
export const SLOT_MS = 5_000;

/** Life (ms) of the windows of one slot: several times what anybody waits before reading them. */
const WINDOW_LIFE_MS = 60_000;

/** What one replica did in one slot of time. */
export interface Window {
  requests: number;
  /** Requests answered with 5xx. */
  errors: number;
  /** Requests per latency bucket, and above the last: they can be added up over replicas, as percentiles cannot. */
  latency: number[];
  started: number;
  finished: number;
  failed: number;
  /** Open sockets at its end. */
  sockets: number;
}

/** What each replica did in the last slots, for whoever sums up the cluster. */
export class Windows {
  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
  ) {}

  /** `slot`: its beginning (Unix ms). The same replica and slot again replaces what was said. */
  async publish(slot: number, replica: string, window: Window): Promise<void> {
    const key = this.keys.windows(slot);
    const replies = await this.redis
      .pipeline()
      .hset(key, replica, JSON.stringify(window))
      .pexpire(key, WINDOW_LIFE_MS)
      .exec()
      .catch((error: unknown) => {
        throw RedisUnavailable.from(error);
      });
    const failed = replies?.find(([error]) => error !== null);
    if (failed) throw RedisUnavailable.from(failed[0]);
  }

  /** Of all replicas that have said something. */
  async read(slot: number): Promise<Window[]> {
    try {
      return (await this.redis.hvals(this.keys.windows(slot))).map((json) => JSON.parse(json) as Window);
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }
}
