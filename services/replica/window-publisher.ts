import { SLOT_MS, type Window, type Windows } from '../../redis/windows.ts';
import type { Service } from '../../shared/lifecycle/service.ts';
import { SlotTimer } from '../../shared/lifecycle/slot-timer.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { WindowReader } from './window-reader.ts';

export interface WindowPublisherDeps {
  replica: string;
  windows: Pick<Windows, 'publish'>;
  reader: Pick<WindowReader, 'take'>;
  log: Logger;
}

/** Says at the end of every slot what this replica did in it. Slots are those of the wall clock, which replicas share well enough. */
export class WindowPublisher implements Service {
  readonly name = 'windows';
  /** Of the last slot that has ended; for whoever cannot ask Redis. */
  last: Window | null = null;
  private readonly timer = new SlotTimer({ slotMs: SLOT_MS, work: (slot) => this.publish(slot) });

  constructor(private readonly deps: WindowPublisherDeps) {}

  async start(): Promise<void> {
    this.timer.start();
  }

  stop(): Promise<void> {
    return this.timer.stop();
  }

  private async publish(slot: number): Promise<void> {
    try {
      this.last = await this.deps.reader.take();
      await this.deps.windows.publish(slot, this.deps.replica, this.last);
    } catch (error) {
      this.deps.log.debug('window not published', { error });
    }
  }
}
