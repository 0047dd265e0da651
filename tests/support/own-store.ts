import { createRedisStore, type RedisStore } from '../../redis/store.ts';
import { recordedLog } from './recorded-log.ts';
import { testRedis } from './redis.ts';

export interface OwnStore {
  store: RedisStore;
  /** What the keys begin with. */
  prefix: string;
  close(): Promise<void>;
}

/** A store on empty keys of its own, on the Redis of this run; `close` removes the keys too. */
export async function ownStore(): Promise<OwnStore> {
  const redis = await testRedis();
  const store = createRedisStore({ ...redis, log: recordedLog() });
  await store.connections.ready();
  return {
    store,
    prefix: redis.prefix,
    async close() {
      await store.close();
      await redis.close();
    },
  };
}
