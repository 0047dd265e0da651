import type { Keys } from './keys.ts';
import { LEASES } from './leases.ts';
import type { ReadyList } from './ready-list.ts';
import { leaderRefusal, REBUILDING } from './refusal.ts';
import type { ReadyRun, Rebuilding, RenewResult, RunAttempt, ServiceSample, StaleEpoch } from './results.ts';
import type { ScriptRunner } from './script-runner.ts';

const RENEW_RESULTS: readonly RenewResult[] = ['lost', 'held', 'cancelled'];
/** Service times kept for the estimate, of all workflows together. */
export const MAX_SERVICE_SAMPLES = 512;

/** A run that has ended; `sample` null: its time says nothing (it failed at once, was cancelled, …). */
export interface EndedRun extends RunAttempt {
  sample: ServiceSample | null;
}

/**
 * The slots from the worker's side. The life of one: granted (ready list, nobody holds the lease) → `take` → claimed in Postgres, which
 * gives the attempt → `renew` at once and every `LEASES.slot.renewEveryMs` → `release`. A worker whose claim finds nothing to do releases
 * with `attemptFloor + 1`. Until it has its attempt it may renew and give back with `attemptFloor + 0.5`, which takes nothing. Give at most 1000 runs a call.
 */
export class SlotLeases {
  private readonly wake: string;

  constructor(
    private readonly scripts: ScriptRunner,
    keys: Keys,
    private readonly ready: ReadyList,
  ) {
    this.wake = keys.channel('wake');
  }

  /**
   * Waits for ready runs, at most `timeoutSeconds` (over 5: 5), and answers those that are there, at most `max`; none came, or `signal` aborted:
   * none. What comes while aborting is handed back. One call at a time.
   */
  async take(timeoutSeconds: number, signal: AbortSignal, max = 1): Promise<ReadyRun[]> {
    const runs = await this.ready.pop(timeoutSeconds, signal, max);
    if (!signal.aborted) return runs;
    // Should this fail, their leases, which nobody holds, lapse: late, not lost.
    const back = runs.map(({ runId, attemptFloor }) => ({ runId, attempt: attemptFloor + 1 }));
    await this.giveBack(back).catch(() => {});
    return [];
  }

  /** Renews, and takes the slot in the attempt's name the first time. Results in the order of `runs`. */
  async renew(runs: readonly RunAttempt[]): Promise<RenewResult[] | Rebuilding> {
    if (runs.length === 0) return [];
    const reply = await this.scripts.capacity('renewSlots', LEASES.slot.lengthMs, ...flatten(runs));
    return typeof reply === 'number' ? REBUILDING : reply.map((code) => RENEW_RESULTS[code] ?? 'lost');
  }

  /** Gives slots back, to those who wait first if the leader lets it; an attempt that no longer owns one changes nothing. While rebuilding nothing happens: the rescue after it finds the run ended. */
  async release(runs: readonly EndedRun[]): Promise<void> {
    if (runs.length === 0) return;
    const args = runs.flatMap(({ runId, attempt, sample }) => [
      runId,
      attempt,
      sample ? `${sample.workflowId}:${Math.round(sample.ms)}` : '',
    ]);
    await this.scripts.capacity('releaseSlots', this.wake, LEASES.slot.lengthMs, MAX_SERVICE_SAMPLES, ...args);
  }

  /** Hands runs to the next worker, before all that were granted later and with their slots. Their attempts are shut out from here on. */
  async giveBack(runs: readonly RunAttempt[]): Promise<void> {
    if (runs.length === 0) return;
    await this.scripts.capacity('returnSlots', this.wake, LEASES.slot.lengthMs, ...flatten(runs));
  }

  /** Leader only: puts runs whose lease has lapsed back to the ready list. Call it every second; it reads long silence as an outage (see the script). */
  async rescue(epoch: number): Promise<{ kind: 'rescued'; runIds: string[] } | Rebuilding | StaleEpoch> {
    const { rescueGapMs, rescueHoldMs, slot } = LEASES;
    const reply = await this.scripts.capacity(
      'rescueSlots',
      epoch,
      this.wake,
      slot.lengthMs,
      rescueGapMs,
      rescueHoldMs,
    );
    return typeof reply === 'number' ? leaderRefusal(reply) : { kind: 'rescued', runIds: reply };
  }
}

function flatten(runs: readonly RunAttempt[]): Array<string | number> {
  return runs.flatMap(({ runId, attempt }) => [runId, attempt]);
}
