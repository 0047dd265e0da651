import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';
import { LEASES } from './leases.ts';
import type { PresenceStatus, RunWord } from './results.ts';
import type { ScriptRunner } from './script-runner.ts';
import { RedisUnavailable } from './unavailable.ts';

/** Users in one script: far below what Lua can unpack, and some hundred microseconds of Redis. */
const BATCH = 1_000;
const STATUSES: readonly PresenceStatus[] = ['offline', 'online', 'away'];

/** What people do just now: told from replica to replica, hardly stored, missed by nobody when it is gone. */
export class Comforts {
  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: Keys,
    private readonly redis: Redis,
  ) {}

  /** Tells all replicas with sockets that look at the run's chat, this one too: one PUBLISH, however many there are. */
  async tell(runId: string, word: RunWord): Promise<void> {
    try {
      await this.redis.publish(this.keys.runComforts(runId), JSON.stringify(word));
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }

  /** From the leases of users, over all replicas. */
  async presence(users: readonly string[]): Promise<Map<string, PresenceStatus>> {
    const statuses = new Map<string, PresenceStatus>();
    for (let from = 0; from < users.length; from += BATCH) {
      const batch = users.slice(from, from + BATCH);
      const reply = await this.scripts.capacity('readPresence', ...batch);
      batch.forEach((user, index) => {
        statuses.set(user, STATUSES[reply[index] ?? 0] ?? 'offline');
      });
    }
    return statuses;
  }

  /** All sockets of these users on this replica are away, of those not any more. Repeat the first every `LEASES.away.renewEveryMs`. */
  async markAway(replica: string, away: readonly string[], back: readonly string[]): Promise<void> {
    const all = [...away, ...back];
    for (let from = 0; from < all.length; from += BATCH) {
      const count = Math.max(0, Math.min(BATCH, away.length - from));
      await this.scripts.capacity('markAway', replica, LEASES.away.lengthMs, count, ...all.slice(from, from + BATCH));
    }
  }
}
