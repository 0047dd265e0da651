import type { Limits } from '../shared/protocol/http.ts';
import type { AdmitEntry } from './results.ts';
import { loadScripts } from './scripts.ts';
import { createRedisStore, type RedisStore, type RedisStoreConfig } from './store.ts';

/** Time with which a clocked store begins, Unix ms: arbitrary, but far from the real one, so that a mixture shows. */
const BEGINNING = 1_700_000_000_000;

export interface ClockedStore extends RedisStore {
  readonly clock: {
    /** Unix ms, as the scripts see it. */
    readonly now: number;
    advance(ms: number): Promise<void>;
  };
  /** An empty cluster with these limits. */
  reset(limits?: Partial<Limits>): Promise<void>;
  /** Run `run-<seq>` of user `ann`, accepted now. */
  entry(seq: number, but?: Partial<AdmitEntry>): AdmitEntry;
}

/** Small numbers for tests: the bounds are reached by hand. */
export const TEST_LIMITS: Limits = {
  max_users: 25,
  max_workflows: 10,
  hard_limit_users: 0,
  queue_max: 1_000,
  queue_max_per_user: 20,
  queue_timeout_seconds: 300,
  drain_per_second: 10,
};

/**
 * For tests about leases and waits: a store whose scripts read the time from a key instead of the Redis clock. Stores with the
 * same prefix have the same time; `advance` it on one of them.
 */
export async function clockedStore(config: RedisStoreConfig): Promise<ClockedStore> {
  const key = `${config.prefix}:clock`;
  const serverTime = `local function serverTime() return tonumber(redis.call('GET', '${key}')) end\n`;
  const store = createRedisStore({ ...config, scripts: loadScripts({ replace: { serverTime } }) });
  await Promise.all([
    store.connections.ready(),
    new Promise<void>((resolve) => store.channels.onResubscribed(resolve)),
  ]);
  const { command } = store.connections;
  let now = BEGINNING;
  await command.set(key, now);
  return Object.assign(store, {
    clock: {
      get now() {
        return now;
      },
      async advance(ms: number) {
        now += ms;
        await command.set(key, now);
      },
    },
    entry: (seq: number, but: Partial<AdmitEntry> = {}): AdmitEntry => ({
      runId: `run-${seq}`,
      seq,
      userId: 'ann',
      workflowId: 'flow',
      priority: 'normal',
      acceptedAt: now,
      expiresAt: 0,
      attemptFloor: 0,
      ...but,
    }),
    async reset(limits: Partial<Limits> = {}) {
      const keys = await command.keys(`${config.prefix}:*`);
      await command.unlink(...keys);
      await command.set(key, now);
      await store.rebuild.begin(1);
      await store.rebuild.finish(1, { generation: 'test', maxGrantNo: 0, limits: { ...TEST_LIMITS, ...limits } });
      // Whatever this has published has been delivered, so tests hear only their own.
      await store.connections.subscriber.ping();
    },
  });
}
