import { SLOT_MS, slotOf, type Window, type Windows } from '../../redis/windows.ts';
import type { Service } from '../../shared/lifecycle/service.ts';
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
  private timer: NodeJS.Timeout | undefined;
  private publishing: Promise<void> | undefined;
  private stopped = true;

  constructor(private readonly deps: WindowPublisherDeps) {}

  async start(): Promise<void> {
    this.stopped = false;
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.publishing;
  }

  /** `after`: the slot published last; a timer that fires a moment early must not publish it again. */
  private schedule(after = 0): void {
    const slot = Math.max(slotOf(Date.now()), after + SLOT_MS);
    this.timer = setTimeout(
      () => {
        if (this.stopped) return;
        this.schedule(slot);
        this.publishing = this.publish(slot);
      },
      slot + SLOT_MS - Date.now(),
    );
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
