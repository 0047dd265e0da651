import { randomUUID } from 'node:crypto';
import type { EventStreams } from '../../../../redis/event-streams.ts';
import type { ProviderStore } from '../../../../redis/provider-store.ts';
import type { Logger } from '../../../../shared/observability/logger.ts';
import { TEXTS } from '../../../../shared/protocol/texts.ts';

/** Users told at once. */
const BATCH = 200;

export interface RestoredNewsDeps {
  store: Pick<ProviderStore, 'takeSwitched'>;
  events: Pick<EventStreams, 'publish'>;
  /** Name of the usual provider while it is the one that answers. */
  usual(): string | null;
  log: Logger;
}

/**
 * Tells those who were switched, and nobody else, that the usual provider is back. Any replica may: Redis gives each user to one of them. Who
 * could not be told because Redis was away is told later.
 */
export class RestoredNews {
  /** From the start: the last replica that owed it may be gone. */
  private owed = true;
  /** Taken out and not told yet; `id` makes telling them twice harmless. */
  private taken: { users: string[]; id: string } | null = null;
  private telling: Promise<void> | null = null;

  constructor(private readonly deps: RestoredNewsDeps) {}

  /** Another provider answers from now on; the news waits for the usual one. */
  owe(): void {
    this.owed = true;
    this.tell();
  }

  /** To be called when Redis is there; does nothing unless somebody is still to be told. */
  tell(): void {
    const provider = this.deps.usual();
    if (!this.owed || provider === null || this.telling !== null) return;
    this.owed = false;
    this.telling = this.tellAll(provider)
      .catch((error: unknown) => {
        this.owed = true;
        this.deps.log.debug('switched users not told yet that the usual model provider is back', { error });
      })
      .finally(() => {
        this.telling = null;
      });
  }

  async settled(): Promise<void> {
    await this.telling;
  }

  private async tellAll(provider: string): Promise<void> {
    const { store, events } = this.deps;
    const data = { message: TEXTS.providerRestored, provider };
    while (true) {
      this.taken ??= { users: await store.takeSwitched(BATCH), id: `PROVIDER_RESTORED:${randomUUID()}` };
      const { users, id: dedupeId } = this.taken;
      await events.publish(users.map((userId) => ({ userId, type: 'PROVIDER_RESTORED' as const, data, dedupeId })));
      this.taken = null;
      if (users.length === 0) return;
    }
  }
}
