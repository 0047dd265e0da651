import type { Channels } from '../../../../redis/channels.ts';
import type { EventStreams } from '../../../../redis/event-streams.ts';
import type { ProviderStore } from '../../../../redis/provider-store.ts';
import type { Service } from '../../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../../shared/observability/logger.ts';
import type { Metrics } from '../../../../shared/observability/metrics.ts';
import type { ModelFailure } from '../model-failure.ts';
import type { ModelProvider } from '../provider.ts';
import { ClusterSync } from './cluster-sync.ts';
import { LocalGate } from './local-gate.ts';
import { OpeningBook } from './opening-book.ts';
import { Prober } from './prober.ts';
import type { ProviderBoard, ProviderStanding } from './provider-board.ts';
import type { ProviderEntry } from './provider-entry.ts';
import type { ProviderGate } from './provider-gate.ts';
import { RestoredNews } from './restored-news.ts';

export interface ClusterProviderBoardDeps {
  replica: string;
  /** In the order in which they are asked. */
  providers: ReadonlyArray<{ role: 'primary' | 'backup'; provider: ModelProvider }>;
  store: Pick<
    ProviderStore,
    'open' | 'reopen' | 'close' | 'takeProbe' | 'releaseProbe' | 'read' | 'noteFailure' | 'takeSwitched'
  >;
  channels: Pick<Channels, 'onProviders' | 'onResubscribed'>;
  events: Pick<EventStreams, 'publish'>;
  /** How long a provider is left alone before a probe (ms). */
  openMs: number;
  /** A probe that takes longer has failed (ms). */
  probeTimeoutMs: number;
  /** False: this process only watches. */
  probes: boolean;
  metrics: Metrics['llm'];
  log: Logger;
  random?: () => number;
}

/** The board of one replica: its own gates, kept in step with those of the others through hints in Redis. */
export class ClusterProviderBoard implements ProviderBoard, Service {
  readonly name = 'model providers';
  active: string | null;
  activeSince: Date | null = null;
  forced: string | null = null;
  private readonly entries: ProviderEntry[];
  private readonly book: OpeningBook;
  private readonly sync: ClusterSync;
  private readonly prober: Prober | null;
  private readonly news: RestoredNews;
  private readonly handlers = new Set<() => void>();
  private started: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;

  constructor(private readonly deps: ClusterProviderBoardDeps) {
    const { openMs, metrics, log, store, replica } = deps;
    this.book = new OpeningBook({ openMs, metrics, log, onChange: (entry) => this.changed(entry) });
    this.entries = deps.providers.map(({ role, provider }) => this.entry(role, provider));
    this.sync = new ClusterSync({
      replica,
      entries: this.entries,
      store,
      channels: deps.channels,
      book: this.book,
      onForced: (forced) => this.setForced(forced),
      onLooked: () => this.news.tell(),
      log,
    });
    const { random = Math.random, probeTimeoutMs: timeoutMs } = deps;
    this.prober = deps.probes
      ? new Prober({ replica, store, book: this.book, openMs, timeoutMs, metrics, log, random })
      : null;
    const usual = this.entries[0]?.name ?? null;
    this.news = new RestoredNews({
      store,
      events: deps.events,
      usual: () => (this.active === usual ? usual : null),
      log,
    });
    this.active = usual;
    for (const { name } of this.entries) metrics.breaker.set({ provider: name }, 0);
    this.showActive();
  }

  /** Resolves after the first look at the cluster; without Redis with nothing known. */
  start(): Promise<void> {
    this.started ??= this.entries.length > 0 ? this.sync.start() : Promise.resolve();
    return this.started;
  }

  stop(): Promise<void> {
    this.stopped ??= (async () => {
      await this.prober?.stop();
      await this.sync.stop();
      await this.news.settled();
      for (const { gate } of this.entries) gate.dispose();
    })();
    return this.stopped;
  }

  order(): readonly ProviderGate[] {
    const gates = this.entries.map((entry) => entry.gate);
    const first = gates.find((gate) => gate.name === this.forced);
    return first === undefined ? gates : [first, ...gates.filter((gate) => gate !== first)];
  }

  standings(): ProviderStanding[] {
    const sinceStart = performance.timeOrigin;
    return this.entries.map(({ name, role, gate, since, opening }) => ({
      name,
      role,
      state: gate.state,
      since: opening?.since ?? since,
      reason: opening?.reason ?? null,
      nextProbeAt: opening === null ? null : new Date(sinceStart + opening.dueAt),
      active: name === this.active,
    }));
  }

  onChange(handler: () => void): () => void {
    this.handlers.add(handler);
    return () => void this.handlers.delete(handler);
  }

  private entry(role: ProviderEntry['role'], provider: ModelProvider): ProviderEntry {
    const gate = new LocalGate({
      name: provider.name,
      onOpened: (reason) => {
        this.book.openedHere(entry, reason);
        void this.sync.share(entry);
      },
      onFailure: (failure) => this.noteFailure(provider.name, failure),
      onState: (state) => this.book.stateChanged(entry, state),
    });
    const entry: ProviderEntry = {
      name: provider.name,
      role,
      provider,
      gate,
      opening: null,
      since: null,
      version: 0,
      closedNo: null,
    };
    return entry;
  }

  private changed(entry: ProviderEntry): void {
    this.prober?.plan(entry);
    this.refreshActive(entry.opening?.reason ?? 'recovered');
    for (const handler of this.handlers) handler();
  }

  private setForced(forced: string | null): void {
    const known = this.entries.some((entry) => entry.name === forced) ? forced : null;
    if (known === this.forced) return;
    this.forced = known;
    this.refreshActive(known === null ? 'released' : 'forced');
    for (const handler of this.handlers) handler();
  }

  private refreshActive(reason: string): void {
    const active = this.order().find((gate) => gate.closed)?.name ?? null;
    const before = this.active;
    if (active === before) return;
    this.active = active;
    this.activeSince = new Date();
    this.showActive();
    this.deps.log.warn('model provider switched', { from: before, to: active, reason });
    this.news.owe();
  }

  private showActive(): void {
    for (const { name } of this.entries) this.deps.metrics.active.set({ provider: name }, name === this.active ? 1 : 0);
  }

  /** For operators; a lost one is no harm. */
  private noteFailure(provider: string, { kind, status }: ModelFailure): void {
    const failure = { at: Date.now(), kind, status: status ?? null, replica: this.deps.replica };
    this.deps.store.noteFailure(provider, failure).catch(() => undefined);
  }
}
