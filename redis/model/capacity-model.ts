import type { Limits } from '../../shared/protocol/http.ts';
import { LEASES } from '../leases.ts';
import type { FinishedRebuild, RebuildStep } from '../rebuild.ts';
import type {
  AdmitEntry,
  Admitted,
  CancelResult,
  Dequeued,
  LevelState,
  QueuePosition,
  ReadyRun,
  Rebuilding,
  RenewResult,
  ReplicaReport,
  RunAttempt,
  RunningEntry,
  StaleEpoch,
  UsersJoined,
} from '../results.ts';
import type { EndedRun } from '../slot-leases.ts';
import { CrowdModel } from './crowd-model.ts';
import { type Conditions, RunsModel } from './runs-model.ts';

const REBUILDING: Rebuilding = { kind: 'rebuilding' };
const STALE_EPOCH: StaleEpoch = { kind: 'stale_epoch' };
const DONE = { kind: 'done' } as const;

/**
 * The rules of capacity in their plainest form: what Redis decides, without how it stores and computes that. To learn the rules, read
 * this file (who may decide when), then the users (`crowd`, with the `level`), then the `runs` (with `queue`, `slots` and `pace`).
 * `scripts-keep-to-the-model.test.ts` holds the scripts to them. Methods and answers are those of the store's classes. Times are Unix
 * ms; `now` is the Redis clock.
 */
export class CapacityModel {
  limits: Limits | null = null;
  readonly crowd = new CrowdModel();
  /** All that is lost with the data and comes back from Postgres. */
  runs = new RunsModel();
  /** The name of this life of the state; null: the data was lost and is not rebuilt yet. Nothing is decided about runs then. */
  generation: string | null = null;
  /** Of the latest leader seen. */
  epoch = 0;
  /** Until when that leader lets whoever frees a slot give it to the next run. */
  permit: { epoch: number; until: number } | null = null;
  /** Epoch of the leader whose rebuild is under way. */
  rebuilder: number | null = null;

  constructor(public now: number) {}

  /** Lets time pass. */
  advance(ms: number): void {
    this.now += ms;
    this.crowd.level.lapse(this.now);
  }

  // Users, level and limits go on without the data about runs: replicas know their users, admins the limits.

  join(replica: string, users: readonly string[]): UsersJoined {
    return this.crowd.join(this.now, this.limits, replica, users);
  }

  leave(replica: string, users: readonly string[]): LevelState {
    return this.crowd.leave(this.now, this.limits, replica, users);
  }

  report(report: ReplicaReport): LevelState {
    return this.crowd.report(this.now, this.limits, report);
  }

  refreshLevel(epoch: number): LevelState | StaleEpoch {
    return this.isStale(epoch) ? STALE_EPOCH : this.crowd.refresh(this.now, this.limits);
  }

  /** A lowered limit takes no slot away: it starts nobody until enough are free. */
  setLimits(limits: Limits): LevelState {
    this.limits = limits;
    return this.crowd.evaluate(this.now, limits);
  }

  // Anybody may ask for these; without the data the answer is "rebuilding".

  admit(entries: readonly AdmitEntry[]): Admitted | Rebuilding {
    return this.decided((runs, conditions) => runs.admit(entries, conditions));
  }

  cancel(runId: string): CancelResult | Rebuilding {
    return this.decided((runs) => runs.cancel(runId));
  }

  positions(runIds: readonly string[]): QueuePosition[] | Rebuilding {
    return this.decided((runs) => runs.positions(runIds));
  }

  take(): ReadyRun | null {
    return this.runs.slots.take();
  }

  renew(pairs: readonly RunAttempt[]): RenewResult[] | Rebuilding {
    return this.decided(({ slots }) => slots.renew(pairs, this.now));
  }

  release(ended: readonly EndedRun[]): void {
    this.decided((runs, conditions) => runs.release(ended, conditions, this.isPermitted()));
  }

  giveBack(pairs: readonly RunAttempt[]): void {
    this.decided(({ slots }) => slots.giveBack(pairs, this.now));
  }

  // Only the latest leader may do these.

  dequeue(epoch: number, max: number): Dequeued | Rebuilding | StaleEpoch {
    return this.decidedBy(epoch, (runs, conditions) => {
      this.permit = { epoch, until: this.now + LEASES.permit.lengthMs };
      return runs.dequeue(max, conditions);
    });
  }

  rescue(epoch: number): { kind: 'rescued'; runIds: string[] } | Rebuilding | StaleEpoch {
    return this.decidedBy(epoch, ({ slots }) => ({ kind: 'rescued', runIds: slots.rescue(this.now) }));
  }

  // A rebuild belongs to the leader that began it; when the data is lost again half-way, the mark of that is lost too.

  begin(epoch: number): RebuildStep {
    if (this.isStale(epoch)) return STALE_EPOCH;
    this.generation = null;
    this.runs = new RunsModel(this.runs.slots.serviceTimes);
    this.rebuilder = epoch;
    return DONE;
  }

  load(epoch: number, found: { running: RunningEntry[]; queued: AdmitEntry[] }): RebuildStep {
    return this.rebuilt(epoch, () => this.runs.load(found));
  }

  finish(epoch: number, { generation, maxGrantNo, limits }: FinishedRebuild): RebuildStep {
    return this.rebuilt(epoch, () => {
      this.runs.loaded(maxGrantNo, this.now);
      this.limits = limits;
      this.generation = generation;
      this.rebuilder = null;
    });
  }

  private decided<Decision>(decide: (runs: RunsModel, conditions: Conditions) => Decision): Decision | Rebuilding {
    if (this.generation === null || this.limits === null) return REBUILDING;
    return decide(this.runs, { now: this.now, limits: this.limits, level: this.crowd.level.current });
  }

  private decidedBy<Decision>(
    epoch: number,
    decide: (runs: RunsModel, conditions: Conditions) => Decision,
  ): Decision | Rebuilding | StaleEpoch {
    return this.decided((runs, conditions) => (this.isStale(epoch) ? STALE_EPOCH : decide(runs, conditions)));
  }

  private rebuilt(epoch: number, proceed: () => void): RebuildStep {
    if (this.isStale(epoch)) return STALE_EPOCH;
    if (this.rebuilder !== epoch) return REBUILDING;
    proceed();
    return DONE;
  }

  /** The word of a leader ends with the first sign of a later one. */
  private isPermitted(): boolean {
    return this.permit !== null && this.permit.epoch === this.epoch && this.permit.until > this.now;
  }

  /** Whether a later leader has been seen; if not, this is the latest. */
  private isStale(epoch: number): boolean {
    this.epoch = Math.max(this.epoch, epoch);
    return epoch < this.epoch;
  }
}
