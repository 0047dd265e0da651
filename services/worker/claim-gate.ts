import type { RunClaiming } from '../../db/repositories/runs-claiming.ts';
import { WeirError } from '../../shared/errors/weir-error.ts';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import { fullJitter } from '../../shared/resilience/backoff.ts';

/** A claim that has had no answer for so long (ms) is taken for one that hangs; what is taken meanwhile would hang behind it. */
const LATE_MS = 1_000;
/** Before Postgres is asked whether it takes claims again: longer each time that it says yes and then takes none (ms). */
const RETRY_BASE_MS = 100;
const RETRY_CAP_MS = 2_000;

export interface ClaimGateDeps {
  runs: Pick<RunClaiming, 'claimNothing'>;
  /** Aborts when nothing is claimed any more. */
  ending: AbortSignal;
  log: Logger;
}

/**
 * Whether this worker can claim what it takes from the ready list. It is shut by the first claim that fails, until Postgres answers one again,
 * and while a claim is late: runs that are left in the list start on workers whose line to Postgres is sound.
 */
export class ClaimGate {
  /** When each claim began (monotonic ms), oldest first. */
  private readonly unanswered = new Set<{ at: number }>();
  private timer: NodeJS.Timeout | undefined;
  private asking = false;
  private failures = 0;
  private shut = false;
  private shutting = new AbortController();
  private taking: AbortSignal | undefined;
  private opening: () => void = () => undefined;

  constructor(private readonly deps: ClaimGateDeps) {}

  /** Resolves when runs may be taken, or `stopping` aborts; to a signal that aborts when they may not be any more. For one taker. */
  async open(stopping: AbortSignal): Promise<AbortSignal> {
    while (this.shut && !stopping.aborted) {
      await new Promise<void>((resolve) => {
        const goOn = () => {
          stopping.removeEventListener('abort', goOn);
          resolve();
        };
        this.opening = goOn;
        stopping.addEventListener('abort', goOn, { once: true });
      });
    }
    this.taking ??= AbortSignal.any([stopping, this.shutting.signal]);
    return this.taking;
  }

  /** Resolves and rejects as `claim` does, which has just begun. */
  async watch<T>(claim: Promise<T>): Promise<T> {
    const begun = { at: performance.now() };
    this.unanswered.add(begun);
    this.review();
    try {
      const result = await claim;
      this.failures = 0;
      return result;
    } catch (error) {
      // Of a late one that was given up for another reason, nobody knows whether the next would be answered.
      if (error instanceof WeirError || performance.now() - begun.at >= LATE_MS) void this.ask();
      throw error;
    } finally {
      this.unanswered.delete(begun);
      this.review();
    }
  }

  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const { runs, ending } = this.deps;
    await abortableDelay(fullJitter(this.failures++, RETRY_BASE_MS, RETRY_CAP_MS), ending);
    // Answered with a fault that is no outage, it is an answer.
    if (!ending.aborted) await runs.claimNothing({ patient: ending }).catch(() => undefined);
    this.asking = false;
    this.review();
  }

  private review(): void {
    const [oldest] = this.unanswered;
    const leftMs = oldest === undefined ? Number.POSITIVE_INFINITY : oldest.at + LATE_MS - performance.now();
    this.set(this.asking || leftMs <= 0);
    if (leftMs <= 0 || oldest === undefined || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.review();
    }, leftMs).unref();
  }

  private set(shut: boolean): void {
    if (shut === this.shut) return;
    this.shut = shut;
    if (shut) {
      this.deps.log.warn('takes no runs: Postgres does not answer claims');
      this.taking = undefined;
      this.shutting.abort();
    } else {
      this.deps.log.info('takes runs again');
      this.shutting = new AbortController();
      this.opening();
    }
  }
}
