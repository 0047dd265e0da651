import type { Runs } from '../../../db/repositories/runs.ts';
import { abortableDelay } from '../../../shared/lifecycle/abortable-delay.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';

/** More than are inserted in the second that an outage takes to be noticed; beyond, the oldest are given up. */
const MAX_KEPT = 20_000;
/** Ids in one DELETE. */
const BATCH = 1_000;
/** Between attempts while Postgres is away (ms). */
const RETRY_MS = 500;
/**
 * An INSERT that was stuck in a frozen server, or waited for a standby that was away, may be seen only after the first sweep that is answered,
 * hence further ones this much later each (ms). Soon at first: the leader's comparison must not find the run before and start it.
 */
const LATER_SWEEPS_MS = [100, 400, 1_500];

/** One look later than that (ms) was missed because this process stood still. */
const STOOD_STILL_MS = 4_000;

/**
 * Runs whose INSERT was given up without an answer. Their senders were told that the outcome is not known. Most will send their request
 * again, so, should the INSERT have taken effect after all, the run is removed before anybody starts it: a kindness, not a promise, and
 * not for those who have had the time to look and to find it. Only runs without an idempotency key: with one, a repeat of the
 * request may have been answered with this very run.
 */
export class Withdrawals implements Service {
  readonly name = 'withdrawals';
  private readonly ids = new Set<string>();
  private readonly stopped = new AbortController();
  private sweeping: Promise<void> | undefined;
  /** Monotonic (ms). */
  private lastLookAt = 0;

  constructor(private readonly deps: { runs: Pick<Runs, 'removeRefused'>; log: Logger }) {}

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.sweeping;
  }

  add(runIds: readonly string[]): void {
    for (const id of runIds) this.ids.add(id);
    for (const id of this.ids) {
      if (this.ids.size <= MAX_KEPT) break;
      this.ids.delete(id);
    }
    if (this.ids.size > 0 && !this.stopped.signal.aborted) this.sweeping ??= this.sweepAll();
  }

  private async sweepAll(): Promise<void> {
    const { signal } = this.stopped;
    this.lastLookAt = performance.now();
    while (this.ids.size > 0 && !signal.aborted) {
      await abortableDelay(RETRY_MS, signal);
      const batch = [...this.ids].slice(0, BATCH);
      if (await this.removeRepeatedly(batch)) for (const id of batch) this.ids.delete(id);
    }
    this.sweeping = undefined;
  }

  private async removeRepeatedly(ids: string[]): Promise<boolean> {
    for (const pauseMs of LATER_SWEEPS_MS) {
      if (!(await this.remove(ids))) return false;
      await abortableDelay(pauseMs, this.stopped.signal);
    }
    return this.remove(ids);
  }

  private async remove(ids: string[]): Promise<boolean> {
    if (this.stopped.signal.aborted) return false;
    if (performance.now() - this.lastLookAt > STOOD_STILL_MS) {
      this.deps.log.warn('too late to take back what may have been stored', { count: this.ids.size });
      this.ids.clear();
      return false;
    }
    try {
      await this.deps.runs.removeRefused(ids);
      return true;
    } catch (error) {
      this.deps.log.debug('withdrawn runs cannot be removed yet', { count: ids.length, error });
      return false;
    } finally {
      this.lastLookAt = performance.now();
    }
  }
}
