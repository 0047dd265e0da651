import { LEASES } from '../leases.ts';
import type { ReadyRun, RenewResult, RunAttempt, RunningEntry, ServiceSample } from '../results.ts';
import { type EndedRun, MAX_SERVICE_SAMPLES } from '../slot-leases.ts';
import { type KnownRun, knownRun } from './queue-model.ts';

/** A slot in use. Its number is what the limit bounds; its lease is what brings the run back from a worker that died. */
export interface Slot {
  run: KnownRun;
  leaseUntil: number;
  /** The attempt that has taken the slot; null: none yet, the run is in the ready list or on its way from there to a worker. */
  holder: number | null;
  /** Attempts up to this one may not touch the slot (any more). */
  shutOut: number;
  grantedAt: number;
  /** Order of starts over the whole cluster. */
  grantNo: number;
  /** Its owner has cancelled the run while a worker had it. */
  cancelled: boolean;
}

/** The slots, the list from which workers take runs that have one, and who may touch which: the fence. */
export class SlotsModel {
  readonly held = new Map<string, Slot>();
  /** Runs that wait for a worker, the next one first. */
  ready: string[] = [];
  /** Start numbers given so far. */
  grants = 0;
  lastRescue: number | null = null;
  holdRescueUntil = 0;

  /** `serviceTimes`: of the runs that ended last, newest first. */
  constructor(public serviceTimes: readonly ServiceSample[] = []) {}

  /** The run has a slot from here on, and at first one lease's time in which a worker has to take it. */
  grant(run: KnownRun, now: number): void {
    this.grants += 1;
    this.held.set(run.runId, {
      run,
      leaseUntil: now + LEASES.slot.lengthMs,
      holder: null,
      shutOut: run.attemptFloor,
      grantedAt: now,
      grantNo: this.grants,
      cancelled: false,
    });
    this.ready.push(run.runId);
  }

  /** The slot of a run that was running when the data was lost. Its lease has lapsed until the rebuild is finished. */
  restore(run: RunningEntry): void {
    const { attempt, grantedAt, grantNo } = run;
    const shutOut = attempt - 1;
    const known = knownRun({ ...run, attemptFloor: shutOut });
    const slot = { run: known, leaseUntil: 0, holder: attempt, shutOut, grantedAt, grantNo, cancelled: false };
    this.held.set(run.runId, slot);
  }

  /** A worker takes the next run from the ready list. Nothing else changes: should it die now, the lease lapses. */
  take(): ReadyRun | null {
    const slot = this.held.get(this.ready.shift() ?? '');
    if (!slot) return null;
    return { runId: slot.run.runId, attemptFloor: slot.shutOut, grantedAt: slot.grantedAt, grantNo: slot.grantNo };
  }

  /**
   * The first renewal of an attempt takes the slot in its name: from whoever holds it, and from the ready list. A worker that does not have
   * its attempt yet renews as half a one above the floor it was told: that keeps the lease and takes the slot from nobody. (Only if the
   * data was lost since, that floor says something new: attempts up to it have handed the run over.)
   */
  renew(runs: readonly RunAttempt[], now: number): RenewResult[] {
    return runs.map(({ runId, attempt }) => {
      const slot = this.touchable(runId, attempt);
      if (!slot) return 'lost';
      slot.leaseUntil = now + LEASES.slot.lengthMs;
      const floor = Math.floor(attempt);
      if (attempt === floor) {
        slot.holder = attempt;
        this.leaveReady(runId);
      } else if (floor >= (slot.holder ?? slot.shutOut + 1)) {
        slot.holder = null;
        slot.shutOut = floor;
        this.leaveReady(runId);
      }
      return slot.cancelled ? 'cancelled' : 'held';
    });
  }

  /** The runs have ended, says the attempt that may. Answers how many slots became free. */
  release(runs: readonly EndedRun[]): number {
    const before = this.held.size;
    for (const { runId, attempt, sample } of runs) {
      if (!this.touchable(runId, attempt)) continue;
      this.free(runId);
      if (sample) this.serviceTimes = [sample, ...this.serviceTimes].slice(0, MAX_SERVICE_SAMPLES);
    }
    return before - this.held.size;
  }

  /** A worker cannot finish the runs: others go on with them, before all that was granted later. */
  giveBack(runs: readonly RunAttempt[], now: number): void {
    for (const { runId, attempt } of runs) {
      const slot = this.touchable(runId, attempt);
      if (slot?.cancelled) this.free(runId);
      else if (slot) this.handOver([slot], now);
    }
  }

  /** Runs whose lease has lapsed are ready again, before all that was granted later. Answers which, in the order of their starts. */
  rescue(now: number): string[] {
    // When nobody has looked for a while, perhaps nobody could renew either: live workers get time to do so first.
    if (this.lastRescue !== null && now - this.lastRescue > LEASES.rescueGapMs) {
      this.holdRescueUntil = now + LEASES.rescueHoldMs;
    }
    this.lastRescue = now;
    if (now < this.holdRescueUntil) return [];

    const lapsed = [...this.held.values()].filter(({ leaseUntil }) => leaseUntil <= now);
    for (const { cancelled, run } of lapsed) if (cancelled) this.free(run.runId);
    const alive = lapsed.filter(({ cancelled }) => !cancelled);
    // Nobody has come for these yet: they keep their place in the list.
    for (const slot of alive) if (this.isReady(slot)) slot.leaseUntil = now + LEASES.slot.lengthMs;
    const lost = alive.filter((slot) => !this.isReady(slot)).sort((one, other) => one.grantNo - other.grantNo);
    this.handOver(lost, now);
    return lost.map(({ run }) => run.runId);
  }

  /** The run holds a slot no more, wherever it is. */
  free(runId: string): void {
    this.held.delete(runId);
    this.leaveReady(runId);
  }

  isReady({ run }: Slot): boolean {
    return this.ready.includes(run.runId);
  }

  /** A slot in use, if the attempt may touch it: one that is not shut out, nor earlier than the holder. */
  private touchable(runId: string, attempt: number): Slot | undefined {
    const slot = this.held.get(runId);
    return slot && attempt > slot.shutOut && attempt >= (slot.holder ?? 0) ? slot : undefined;
  }

  /** The runs keep their slots and have the place of their grant in the ready list; who held them is shut out. */
  private handOver(slots: Slot[], now: number): void {
    for (const slot of slots) {
      slot.shutOut = slot.holder ?? slot.shutOut;
      slot.holder = null;
      slot.leaseUntil = now + LEASES.slot.lengthMs;
      this.leaveReady(slot.run.runId);
    }
    const grantNo = (runId: string) => this.held.get(runId)?.grantNo ?? 0;
    this.ready.push(...slots.map(({ run }) => run.runId));
    this.ready.sort((one, other) => grantNo(one) - grantNo(other));
  }

  private leaveReady(runId: string): void {
    this.ready = this.ready.filter((id) => id !== runId);
  }
}
