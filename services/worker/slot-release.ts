import type { ServiceSample } from '../../redis/results.ts';
import type { SlotLeases } from '../../redis/slot-leases.ts';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import { fullJitter } from '../../shared/resilience/backoff.ts';
import { MicroBatcher } from '../../shared/resilience/micro-batcher.ts';

interface Release {
  runId: string;
  attempt: number;
  /** How long the slot was held; null: not a typical time. */
  sample: ServiceSample | null;
}

const MAX_BATCH = 500;
const RETRY_BASE_MS = 200;
const RETRY_CAP_MS = 3_000;

/** Gives slots of ended runs back, those of one moment together. Repeats until Redis takes it: a slot kept is a run that waits. */
export class SlotRelease {
  private readonly batcher: MicroBatcher<Release, boolean>;

  constructor(private readonly deps: { slots: Pick<SlotLeases, 'release'>; log: Logger }) {
    this.batcher = new MicroBatcher({ run: (items) => this.send(items), maxBatch: MAX_BATCH, maxInFlight: 4 });
  }

  /** True when the slot is no longer this worker's; false when `signal` aborted before Redis could be told. */
  async release(item: Release, signal: AbortSignal): Promise<boolean> {
    for (let failures = 0; !signal.aborted; failures++) {
      if (await this.batcher.add(item)) return true;
      await abortableDelay(fullJitter(failures, RETRY_BASE_MS, RETRY_CAP_MS), signal);
    }
    return false;
  }

  private async send(items: Release[]): Promise<boolean[]> {
    try {
      await this.deps.slots.release(items);
      return items.map(() => true);
    } catch (error) {
      this.deps.log.warn('slots not released, trying again', { runs: items.length, error });
      return items.map(() => false);
    }
  }
}
