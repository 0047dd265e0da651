import type { RedisStore } from '../../redis/store.ts';

/**
 * As if the users had been below the exit of the level for the 10 s for which it is held: it falls now, as far as users and limits let it. Saves
 * a test that is not about the hold the time.
 */
export async function letLevelFall(store: RedisStore, prefix: string): Promise<void> {
  const key = `${prefix}:{cap}:level`;
  const { command } = store.connections;
  await store.users.leave('nobody', []);
  for (const trigger of ['below1', 'below2', 'below3']) {
    const since = await command.hget(key, trigger);
    // '' is off, '0' is on and not below.
    if (since !== null && since !== '' && since !== '0') await command.hset(key, trigger, '1');
  }
  await store.users.leave('nobody', []);
}
