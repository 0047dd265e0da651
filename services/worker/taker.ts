import type { ReadyRun } from '../../redis/results.ts';
import type { SlotLeases } from '../../redis/slot-leases.ts';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import { fullJitter } from '../../shared/resilience/backoff.ts';

/** How long Redis may hold the blocking read (s); it returns at once when something is there, this only ends forgotten ones. */
const TAKE_SECONDS = 5;
const RETRY_BASE_MS = 100;
const RETRY_CAP_MS = 2_000;

export interface TakerDeps {
  slots: Pick<SlotLeases, 'take'>;
  /** Runs in work at once at most. */
  concurrency: number;
  /** Works on a run until it has left this worker; never rejects. */
  work(ready: ReadyRun): Promise<void>;
  log: Logger;
}

/** Takes ready runs, in their order, while there is room. Nothing on this path polls: a run is taken in the moment it is granted. */
export class Taker {
  private readonly stopping = new AbortController();
  private readonly working = new Set<Promise<void>>();
  private loop: Promise<void> | undefined;
  private roomFreed: () => void = () => undefined;

  constructor(private readonly deps: TakerDeps) {}

  start(): void {
    this.loop ??= this.takeAll();
  }

  /** Resolves when nothing more is taken; what has been taken goes on. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.roomFreed();
    await this.loop;
  }

  /** Resolves when no run is in work. */
  async idle(): Promise<void> {
    while (this.working.size > 0) await Promise.all(this.working);
  }

  private async takeAll(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted; ) {
      if (this.working.size >= this.deps.concurrency) {
        await new Promise<void>((resolve) => {
          this.roomFreed = resolve;
        });
        continue;
      }
      try {
        const ready = await this.deps.slots.take(TAKE_SECONDS, signal);
        failures = 0;
        if (ready !== null) this.begin(ready);
      } catch (error) {
        if (signal.aborted) return;
        this.deps.log.warn('cannot take ready runs', { error });
        await abortableDelay(fullJitter(failures++, RETRY_BASE_MS, RETRY_CAP_MS), signal);
      }
    }
  }

  private begin(ready: ReadyRun): void {
    const work = this.deps.work(ready).finally(() => {
      this.working.delete(work);
      this.roomFreed();
    });
    this.working.add(work);
  }
}
