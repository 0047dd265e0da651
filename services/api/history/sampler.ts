import type { Sample, Samples } from '../../../db/repositories/samples.ts';
import type { CapacityState } from '../../../redis/results.ts';
import { SLOT_MS, type Window, type Windows } from '../../../redis/windows.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import { SlotTimer } from '../../../shared/lifecycle/slot-timer.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import { COMPONENTS, type Component } from '../../../shared/protocol/components.ts';
import { levelRank } from '../../../shared/workflow/capacity-level.ts';
import { addUp } from './merge-samples.ts';
import { thin } from './thinning.ts';

/** Ms after the end of a slot before it is summed up: every replica has said what it did by then, and their clocks may differ a little. */
const WAIT_MS = 1_500;
/** Replicas sum up at different moments within this (ms), so that most find the row already there. */
const SPREAD_MS = 1_500;
/** Samples kept in memory while Postgres is away: an hour. */
const MAX_WAITING = 720;
/** Samples stored at once. */
const BATCH = 100;
const THIN_EVERY_MS = 60_000;

/** How the cluster is at the moment of a sample. */
export interface Picture {
  /** null: Redis is away or being rebuilt. */
  state: CapacityState | null;
  components: ReadonlyArray<{ name: Component; status: 'operational' | 'degraded' | 'down' }>;
}

export interface SamplerDeps {
  look(): Promise<Picture>;
  windows: Pick<Windows, 'read'>;
  /** What this replica did in the last slot; all that is known while Redis is away. */
  ownWindow(): Window | null;
  samples: Pick<Samples, 'store' | 'edges' | 'read' | 'prune'>;
  log: Logger;
}

/**
 * Writes one row for every slot of 5 s: how the cluster was, and what all its replicas did. Every api replica brings one and the first is
 * kept, so no slot is lost with a leader. What Postgres cannot take waits here: the history has to show the outages above all.
 */
export class Sampler implements Service {
  readonly name = 'sampler';
  private readonly waiting: Sample[] = [];
  private readonly timer = new SlotTimer({
    slotMs: SLOT_MS,
    waitMs: () => WAIT_MS + Math.random() * SPREAD_MS,
    work: (slot) => this.sample(slot),
  });
  private thinnedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly deps: SamplerDeps) {}

  async start(): Promise<void> {
    this.timer.start();
  }

  stop(): Promise<void> {
    return this.timer.stop();
  }

  /** Sums up the slot that begins at `slot` (Unix ms), which has ended. Never rejects. */
  async sample(slot: number): Promise<void> {
    try {
      this.waiting.push(await this.sumUp(slot));
      if (this.waiting.length > MAX_WAITING) this.waiting.shift();
      while (this.waiting.length > 0) {
        const batch = this.waiting.slice(0, BATCH);
        await this.deps.samples.store(batch);
        this.waiting.splice(0, batch.length);
      }
      if (performance.now() - this.thinnedAt >= THIN_EVERY_MS) {
        await thin(this.deps.samples, slot + SLOT_MS);
        this.thinnedAt = performance.now();
      }
    } catch (error) {
      this.deps.log.debug('samples are stored later', { waiting: this.waiting.length, error });
    }
  }

  private async sumUp(slot: number): Promise<Sample> {
    const own = this.deps.ownWindow();
    const [{ state, components }, windows] = await Promise.all([
      this.deps.look(),
      this.deps.windows.read(slot).catch(() => (own === null ? [] : [own])),
    ]);
    const total = (value: (window: Window) => number) => windows.reduce((sum, window) => sum + value(window), 0);
    const secondsWith = (status: string) =>
      COMPONENTS.map((name) =>
        components.some((one) => one.name === name && one.status === status) ? SLOT_MS / 1_000 : 0,
      );
    return {
      at: new Date(slot),
      resolution: SLOT_MS / 1_000,
      seconds: SLOT_MS / 1_000,
      users: state?.level.activeUsers ?? null,
      maxUsers: state?.limits.max_users ?? null,
      slots: state?.slotsHeld ?? null,
      maxSlots: state?.limits.max_workflows ?? null,
      queueLength: state?.queueLength ?? null,
      level: state === null ? null : levelRank(state.level.level),
      sockets: windows.length === 0 ? null : total(({ sockets }) => sockets),
      started: total(({ started }) => started),
      finished: total(({ finished }) => finished),
      failed: total(({ failed }) => failed),
      requests: total(({ requests }) => requests),
      errors: total(({ errors }) => errors),
      latency: addUp(windows.map(({ latency }) => latency)),
      degraded: secondsWith('degraded'),
      down: secondsWith('down'),
    };
  }
}
