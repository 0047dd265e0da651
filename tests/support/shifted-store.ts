import { loadScripts } from '../../redis/scripts.ts';
import { createRedisStore, type RedisStore } from '../../redis/store.ts';
import { recordedLog } from './recorded-log.ts';

/**
 * A store whose scripts see the clock of Redis and so many ms more as {@link shiftClock} last said: time goes on by itself, and can leap.
 * Stores with the same prefix have the same time.
 */
export function shiftedStore({ redis, prefix }: { redis: string; prefix: string }): RedisStore {
  const serverTime = `local function serverTime()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(redis.call('GET', '${clockKey(prefix)}') or 0)
  end`;
  const scripts = loadScripts({ replace: { serverTime } });
  return createRedisStore({ url: redis, prefix, log: recordedLog(), scripts });
}

export async function shiftClock(store: RedisStore, prefix: string, ms: number): Promise<void> {
  await store.connections.command.set(clockKey(prefix), ms);
}

function clockKey(prefix: string): string {
  return `${prefix}:clock`;
}
