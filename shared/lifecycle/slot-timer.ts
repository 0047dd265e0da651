export interface SlotTimerOptions {
  /** Length (ms) of a slot. Slots begin at multiples of it since 1970, so processes whose clocks agree have the same ones. */
  slotMs: number;
  /** Ms between the end of a slot and the work on it, asked for each slot anew; 0 when not given. Less than `slotMs`, or slots are left out. */
  waitMs?: () => number;
  /** Called once for a slot that has ended, with its beginning (Unix ms). Must not reject. */
  work: (slot: number) => Promise<void>;
}

/**
 * Does something for every slot of the wall clock after it has ended, the one in which it starts being the first. Slots that pass while the
 * process stands still are left out.
 */
export class SlotTimer {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private stopped = true;

  constructor(private readonly options: SlotTimerOptions) {}

  start(): void {
    this.stopped = false;
    this.schedule();
  }

  /** Resolves when the work under way is done. Safe twice and before `start`. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.working;
  }

  /** `after`: the slot worked on last; a timer that fires a moment early must not take it again. */
  private schedule(after = 0): void {
    const { slotMs, waitMs, work } = this.options;
    const now = Date.now();
    const slot = Math.max(Math.floor(now / slotMs) * slotMs, after + slotMs);
    this.timer = setTimeout(
      () => {
        if (this.stopped) return;
        this.schedule(slot);
        this.working = work(slot);
      },
      slot + slotMs + (waitMs?.() ?? 0) - now,
    );
  }
}
