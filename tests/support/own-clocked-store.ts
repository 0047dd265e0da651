import { type ClockedStore, clockedStore } from '../../redis/clocked-store.ts';
import { recordedLog } from './recorded-log.ts';
import { testRedis } from './redis.ts';

/** A clocked store on keys of its own; `close` closes all of them and removes the keys. */
export interface OwnClockedStore extends ClockedStore {
  /** What the keys begin with. */
  readonly prefix: string;
  /** A further store on the same keys, as another replica has one. */
  another(): Promise<ClockedStore>;
}

/** On the Redis of this run. The keys are empty until `reset`. */
export async function ownClockedStore(): Promise<OwnClockedStore> {
  const { url, prefix, close } = await testRedis();
  const open = () => clockedStore({ url, prefix, log: recordedLog() });
  const store = await open();
  const closing = [store.close];
  return Object.assign(store, {
    prefix,
    async another() {
      const further = await open();
      closing.push(further.close);
      return further;
    },
    async close() {
      await Promise.all(closing.map((end) => end()));
      await close();
    },
  });
}
