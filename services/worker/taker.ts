import type { ReadyRun } from '../../redis/results.ts';
import type { SlotLeases } from '../../redis/slot-leases.ts';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import { fullJitter } from '../../shared/resilience/backoff.ts';
import type { ClaimGate } from './claim-gate.ts';

/** How long Redis may hold the blocking read (s); it returns at once when something is there, this only ends forgotten ones. */
const TAKE_SECONDS = 5;
/** Silence (s) after which runs no longer come in groups, and the next is one of a few. */
const LULL_SECONDS = 0.25;
/** Runs taken by one call at most: beyond, a call costs hardly less per run, and other workers may be idle. */
const MAX_AT_ONCE = 16;
const RETRY_BASE_MS = 100;
const RETRY_CAP_MS = 2_000;

export interface TakerDeps {
  slots: Pick<SlotLeases, 'take'>;
  gate: Pick<ClaimGate, 'open'>;
  /** Runs in work at once at most. */
  concurrency: number;
  /** Works on a run until it has left this worker; never rejects. */
  work(ready: ReadyRun): Promise<void>;
  log: Logger;
}

/**
 * Takes ready runs, in their order, while there is room and they can be claimed. Nothing on this path polls: a run is taken in the moment it is granted.
 *
 * After a lull a worker takes one, so that a few runs spread over all workers; while as many are there as it asks for, it asks for twice as many
 * each time: under load runs that are taken together share their claim, and what follows. When fewer are there it asks for about as many as came:
 * slots that become free together are granted together, and a group that is taken apart is claimed in several commits, of which the last wait for
 * the first, and is a larger number of smaller groups from then on. The price: within a lull's length of the last one, a group may go to one worker.
 */
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
    let wanted = 1;
    for (let failures = 0; !signal.aborted; ) {
      const room = this.deps.concurrency - this.working.size;
      if (room <= 0) {
        await new Promise<void>((resolve) => {
          this.roomFreed = resolve;
        });
        continue;
      }
      const open = await this.deps.gate.open(signal);
      try {
        const asked = Math.min(wanted, room);
        const ready = await this.deps.slots.take(wanted > 1 ? LULL_SECONDS : TAKE_SECONDS, open, asked);
        failures = 0;
        for (const run of ready) this.begin(run);
        wanted = nextWanted(asked, ready.length);
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

function nextWanted(asked: number, found: number): number {
  if (found === 0) return 1;
  return found < asked ? Math.max(found, Math.floor(asked / 2)) : Math.min(2 * asked, MAX_AT_ONCE);
}
