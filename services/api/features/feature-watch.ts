import type { Channels } from '../../../redis/channels.ts';
import type { FeatureStore } from '../../../redis/feature-store.ts';
import { LEASES } from '../../../redis/leases.ts';
import type { FeaturesState } from '../../../redis/results.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import type { Comfort } from '../../../shared/workflow/capacity-level.ts';

/** After a settling that failed (ms): comforts have to be off within a second, so the next try does not wait for the clock. */
const RETRY_MS = 250;

export interface FeatureWatchDeps {
  store: Pick<FeatureStore, 'settle'>;
  channels: Pick<Channels, 'onAnnounce' | 'onFeatures' | 'onResubscribed'>;
  /** There are changes that are not in Postgres yet. */
  onLogged(): void;
  metrics: Pick<Metrics, 'chat'>;
  log: Logger;
  /** Tests make it short. */
  lease?: { lengthMs: number; renewEveryMs: number };
}

/**
 * The comforts as this replica knows them. It settles them whenever the level or a feature has changed, and now and then, which keeps the
 * cluster's state alive. What has not been confirmed for the length of the lease counts as on.
 */
export class FeatureWatch implements Service {
  readonly name = 'features';
  private state: FeaturesState | null = null;
  private confirmedAt = Number.NEGATIVE_INFINITY;
  /** Redis was away: whatever it says next counts. */
  private doubtful = true;
  private readonly listeners = new Set<() => void>();
  private unlisten: Array<() => void> = [];
  private timer: NodeJS.Timeout | undefined;
  private stopped = true;
  private settling: Promise<void> | undefined;
  private again = false;

  constructor(private readonly deps: FeatureWatchDeps) {}

  /** As last heard; null: not known, so everything is on. */
  get current(): FeaturesState | null {
    return this.state;
  }

  /** In the order in which they are shed. */
  get disabled(): Comfort[] {
    return (this.state?.features ?? []).filter(({ enabled }) => !enabled).map(({ feature }) => feature);
  }

  isOn(comfort: Comfort): boolean {
    return this.state?.features.find(({ feature }) => feature === comfort)?.enabled ?? true;
  }

  /** Called after every change of what is known; the function returned ends that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async start(): Promise<void> {
    const { channels } = this.deps;
    this.stopped = false;
    this.unlisten = [
      channels.onAnnounce(() => void this.settle()),
      channels.onFeatures((sequence) => {
        if (this.state === null || sequence > this.state.sequence) void this.settle();
      }),
      channels.onResubscribed(() => {
        this.doubtful = true;
        void this.settle();
      }),
    ];
    await this.settle();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    for (const off of this.unlisten) off();
    this.unlisten = [];
    await this.settling;
  }

  /** Brings the cluster's state up to date, and this replica's knowledge of it. Never rejects. */
  settle(): Promise<void> {
    // One under way may have been decided before what the caller has just heard.
    this.again = true;
    this.settling ??= this.settleAll().finally(() => {
      this.settling = undefined;
    });
    return this.settling;
  }

  /** Takes what somebody else was answered, if it is newer. */
  observe(state: FeaturesState): void {
    const known = this.state;
    if (known !== null && !this.doubtful && state.sequence < known.sequence) return;
    this.doubtful = false;
    this.state = state;
    for (const { feature, enabled } of state.features) this.deps.metrics.chat.enabled.set({ feature }, enabled ? 1 : 0);
    if (known?.sequence !== state.sequence) this.tell();
  }

  private async settleAll(): Promise<void> {
    const lease = this.deps.lease ?? LEASES.features;
    let failed = false;
    while (this.again) {
      this.again = false;
      failed = false;
      const begun = performance.now();
      try {
        const state = await this.deps.store.settle();
        this.confirmedAt = begun;
        this.observe(state);
        if (state.logged > 0) this.deps.onLogged();
      } catch (error) {
        failed = true;
        this.deps.log.debug('features could not be settled', { error });
      }
    }
    if (failed) this.lapse(lease.lengthMs);
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => void this.settle(), failed ? RETRY_MS : lease.renewEveryMs);
  }

  private lapse(lengthMs: number): void {
    if (this.state === null || performance.now() - this.confirmedAt < lengthMs) return;
    this.deps.log.warn('features are not known any more; all are on', { disabled: this.disabled });
    this.state = null;
    for (const listener of this.listeners) listener();
  }

  private tell(): void {
    const { disabled } = this;
    this.deps.log.info('features', { disabled, sequence: this.state?.sequence });
    for (const listener of this.listeners) listener();
  }
}
