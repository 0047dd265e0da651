import type { EventStreams } from '../../../../redis/event-streams.ts';
import type { ProviderStore } from '../../../../redis/provider-store.ts';
import { TEXTS } from '../../../../shared/protocol/texts.ts';

/** Users told at once. */
const BATCH = 200;

export interface TellRestoredDeps {
  store: Pick<ProviderStore, 'takeSwitched'>;
  events: Pick<EventStreams, 'publish'>;
}

/**
 * Tells those who were switched, and nobody else, that the usual provider is back. Any replica may: each user is given to one of them. Rejects when Redis
 * is away; those already taken out then miss a courtesy.
 */
export async function tellRestored({ store, events }: TellRestoredDeps, provider: string): Promise<number> {
  for (let told = 0; ; ) {
    const users = await store.takeSwitched(BATCH);
    if (users.length === 0) return told;
    const data = { message: TEXTS.providerRestored, provider };
    await events.publish(users.map((userId) => ({ userId, type: 'PROVIDER_RESTORED' as const, data })));
    told += users.length;
  }
}
