import type { Channels } from '../../../../redis/channels.ts';
import type { ProviderStore } from '../../../../redis/provider-store.ts';
import type { ProviderOpening } from '../../../../redis/results.ts';
import type { Logger } from '../../../../shared/observability/logger.ts';
import { knownOpening } from './opening.ts';
import type { OpeningBook } from './opening-book.ts';
import type { ProviderEntry } from './provider-entry.ts';

/** Between two looks when nothing was heard (ms): messages may be lost. */
const LOOK_EVERY_MS = 2_000;

export interface ClusterSyncDeps {
  replica: string;
  entries: readonly ProviderEntry[];
  store: Pick<ProviderStore, 'open' | 'close' | 'read'>;
  channels: Pick<Channels, 'onProviders' | 'onResubscribed'>;
  book: OpeningBook;
  onForced(forced: string | null): void;
  /** After each look that found the cluster. */
  onLooked(): void;
  log: Logger;
}

/**
 * Takes over what other replicas have found out, and tells them what this one has. While Redis is away everything stays as this replica
 * knows it; what it opened meanwhile is shared when Redis is back.
 */
export class ClusterSync {
  private timer: NodeJS.Timeout | undefined;
  private readonly unsubscribe: Array<() => void> = [];
  private looking: Promise<void> | undefined;
  private again = false;
  private stopped = true;
  private away = false;

  constructor(private readonly deps: ClusterSyncDeps) {}

  /** Resolves after the first look, whether it found anything or not. */
  async start(): Promise<void> {
    this.stopped = false;
    this.unsubscribe.push(
      this.deps.channels.onProviders(() => void this.look()),
      this.deps.channels.onResubscribed(() => void this.look()),
    );
    await this.look();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    for (const unsubscribe of this.unsubscribe.splice(0)) unsubscribe();
    await this.looking;
  }

  /** Tells the cluster of an opening made here. A failure is no harm: the next look tries again. */
  async share(entry: ProviderEntry): Promise<void> {
    const { opening } = entry;
    if (opening === null || opening.no !== null) return;
    const openMs = Math.max(1, opening.dueAt - performance.now());
    try {
      const told = await this.deps.store.open(entry.name, { reason: opening.reason, by: this.deps.replica, openMs });
      // It may be probed meanwhile, but not over.
      if (entry.opening?.since === opening.since) this.deps.book.adopt(entry, knownOpening(told.opening));
    } catch (error) {
      this.deps.log.debug('opening of a model provider not shared', { provider: entry.name, error });
    }
  }

  /** Looks now; a question that comes while one look is under way is answered by another one after it. */
  look(): Promise<void> {
    if (this.looking !== undefined) {
      this.again = true;
      return this.looking;
    }
    this.looking = this.lookUntilCurrent().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async lookUntilCurrent(): Promise<void> {
    clearTimeout(this.timer);
    do {
      this.again = false;
      await this.lookOnce();
    } while (this.again && !this.stopped);
    if (!this.stopped) this.timer = setTimeout(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  private async lookOnce(): Promise<void> {
    const { entries, store, log } = this.deps;
    const versions = entries.map((entry) => entry.version);
    try {
      const { openings, forced } = await store.read(entries.map((entry) => entry.name));
      if (this.away) log.info('states of model providers are shared again');
      this.away = false;
      if (this.stopped) return;
      this.deps.onForced(forced);
      for (const [index, entry] of entries.entries()) {
        // What has changed here since is newer than what was read.
        if (entry.version === versions[index]) await this.apply(entry, openings.get(entry.name) ?? null);
        else this.again = true;
      }
      this.deps.onLooked();
    } catch (error) {
      if (!this.away) log.warn('model providers are judged by this replica alone', { error });
      this.away = true;
    }
  }

  private async apply(entry: ProviderEntry, opening: ProviderOpening | null): Promise<void> {
    if (opening === null) {
      if (entry.opening?.no === null) await this.share(entry);
      else this.deps.book.close(entry);
    } else if (opening.no === entry.closedNo) {
      // Found out here while the cluster could not be told.
      await this.deps.store.close(entry.name, { no: opening.no });
    } else {
      this.deps.book.adopt(entry, knownOpening(opening));
    }
  }
}
