import type { Limits } from '../../shared/protocol/http.ts';
import type { CapacityLevel } from '../../shared/workflow/capacity-level.ts';
import { LEASES } from '../leases.ts';
import type {
  AdmitEntry,
  AdmitResult,
  Admitted,
  CancelResult,
  Dequeued,
  QueuePosition,
  RunningEntry,
  ServiceSample,
} from '../results.ts';
import type { EndedRun } from '../slot-leases.ts';
import { PaceModel } from './pace-model.ts';
import { type KnownRun, knownRun, QueueModel, type WaitingRun } from './queue-model.ts';
import { SlotsModel } from './slots-model.ts';

/** What decisions about runs depend on besides the runs. */
export interface Conditions {
  now: number;
  limits: Limits;
  level: CapacityLevel;
}

/** The runs: who may start, who waits, who holds a slot. A run is known in one of two places: it waits in the queue, or it holds a slot. */
export class RunsModel {
  readonly queue = new QueueModel();
  readonly slots: SlotsModel;
  /** Runs whose workers have been told to stop, one entry for each time. */
  readonly toldToStop: string[] = [];
  readonly pace = new PaceModel();

  constructor(serviceTimes: readonly ServiceSample[] = []) {
    this.slots = new SlotsModel(serviceTimes);
  }

  /** In the order given. Of several entries for one run the one with the greatest attempt floor counts, the latest retry. */
  admit(entries: readonly AdmitEntry[], conditions: Conditions): Admitted {
    const batch = entries.map((entry) => latestOf(entry, entries));

    // A retry ends the earlier life of its run, wherever that is, before anybody is let in.
    for (const { runId, attemptFloor } of batch) {
      const known = this.find(runId);
      if (known && attemptFloor > known.attemptFloor) this.forget(runId);
    }
    const outcomes = batch.map((entry) => ({ runId: entry.runId, outcome: this.letIn(entry, conditions) }));

    // Places are told as they are in the end: a later entry may have got ahead of an earlier one.
    const results = outcomes.map(({ runId, outcome }): AdmitResult => {
      if (outcome === 'user_queue_full' || outcome === 'queue_full') return { kind: outcome };
      const waiting = this.queue.find(runId);
      if (!waiting) return { kind: 'started' };
      const alreadyKnown = outcome === 'known';
      return { kind: 'queued', position: this.queue.positionOf(waiting), expiresAt: waiting.expiresAt, alreadyKnown };
    });
    return { kind: 'admitted', results, level: conditions.level, queueLength: this.queue.length };
  }

  private letIn(
    entry: AdmitEntry,
    { now, limits, level }: Conditions,
  ): 'known' | 'started' | 'queued' | 'user_queue_full' | 'queue_full' {
    if (this.find(entry.runId)) return 'known';
    // Past the queue only at level normal, with nobody waiting and a slot free.
    if (level === 'normal' && this.queue.length === 0 && this.freeSlots(limits) > 0) {
      this.slots.grant(knownRun(entry), now);
      return 'started';
    }
    // Who has been told "accepted" before is not refused any more.
    if (!entry.promised && this.queue.lengthOf(entry.userId) >= limits.queue_max_per_user) return 'user_queue_full';
    if (!entry.promised && this.queue.length >= limits.queue_max) return 'queue_full';
    this.queue.enter(entry, now + limits.queue_timeout_seconds * 1_000);
    return 'queued';
  }

  /** Ends waits that are over, then gives free slots to those who are first, whatever the level; at most `max` of each. */
  dequeue(max: number, { now, limits, level }: Conditions): Dequeued {
    const expired = this.queue.over(now).slice(0, max);
    for (const { runId } of expired) this.forget(runId);

    // After a full batch of ended waits there may be more, among them the first of the queue: the next call starts runs.
    let starts = expired.length === max ? 0 : Math.min(this.queue.length, this.freeSlots(limits), max);
    const paced = level !== 'normal';
    if (paced) starts = this.pace.take(now, limits.drain_per_second, starts);
    const granted = this.start(starts, now);

    // When there will be more to do if nothing else happens: a wait ends, or the pace allows another start.
    const freeSlots = this.freeSlots(limits);
    const untilOver = this.queue.nextOverIn(now);
    const untilStart = paced ? this.pace.nextIn(limits.drain_per_second) : 0;
    const untilNext = freeSlots > 0 ? Math.min(untilOver, untilStart) : untilOver;
    return {
      kind: 'dequeued',
      granted: granted.map(({ runId, userId }) => ({ runId, userId })),
      expired: expired.map(({ runId, userId }) => ({ runId, userId })),
      queueLength: this.queue.length,
      freeSlots,
      nextInMs: this.queue.length === 0 ? null : untilNext,
    };
  }

  /**
   * If the leader lets it, as many runs start as slots became free, as it would have started them at once itself: not when they are paced, nor when a
   * wait is over that it has to end.
   */
  release(ended: readonly EndedRun[], { now, limits, level }: Conditions, permitted: boolean): void {
    const freed = this.slots.release(ended);
    if (!permitted || level !== 'normal' || this.queue.over(now).length > 0) return;
    this.start(Math.min(freed, this.freeSlots(limits)), now);
  }

  /** A run that no worker has is gone at once; one that a worker has keeps its slot until that worker stops or its lease lapses. */
  cancel(runId: string): CancelResult {
    const slot = this.slots.held.get(runId);
    if (slot && !this.slots.isReady(slot)) {
      slot.cancelled = true;
      this.toldToStop.push(runId);
      return { kind: 'running_told' };
    }
    if (!this.find(runId)) return { kind: 'unknown' };
    this.forget(runId);
    return { kind: 'removed_from_queue' };
  }

  positions(runIds: readonly string[]): QueuePosition[] {
    return runIds.map((runId) => {
      const run = this.queue.find(runId);
      return { runId, position: run ? this.queue.positionOf(run) : null, expiresAt: run?.expiresAt ?? null };
    });
  }

  /** Takes over what Postgres has; each run counts once. A running one belongs to the attempt that has it there. */
  load({ running, queued }: { running: readonly RunningEntry[]; queued: readonly AdmitEntry[] }): void {
    for (const run of running) if (!this.find(run.runId)) this.slots.restore(run);
    for (const run of queued) if (!this.find(run.runId)) this.queue.enter(run, run.expiresAt);
  }

  /** Start numbers go on from Postgres', and however long loading took: workers have a whole lease to renew what they run. */
  loaded(maxGrantNo: number, now: number): void {
    this.slots.grants = maxGrantNo;
    for (const slot of this.slots.held.values()) slot.leaseUntil = now + LEASES.slot.lengthMs;
  }

  /** Those who are first in the queue get a slot. */
  private start(count: number, now: number): WaitingRun[] {
    const first = this.queue.inOrder.slice(0, count);
    for (const run of first) {
      this.queue.leave(run.runId);
      this.slots.grant(run, now);
    }
    return first;
  }

  /** Fewer than none cannot be free, after the limit was lowered. */
  private freeSlots({ max_workflows }: Limits): number {
    return Math.max(0, max_workflows - this.slots.held.size);
  }

  private find(runId: string): KnownRun | undefined {
    return this.queue.find(runId) ?? this.slots.held.get(runId)?.run;
  }

  private forget(runId: string): void {
    this.queue.leave(runId);
    this.slots.free(runId);
  }
}

function latestOf({ runId }: AdmitEntry, entries: readonly AdmitEntry[]): AdmitEntry {
  const same = entries.filter((entry) => entry.runId === runId);
  return same.reduce((one, other) => (other.attemptFloor > one.attemptFloor ? other : one));
}
