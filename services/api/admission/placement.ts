import type { Runs } from '../../../db/repositories/runs.ts';
import type { EventStreams } from '../../../redis/event-streams.ts';
import type { Admitted } from '../../../redis/results.ts';
import type { RunQueue } from '../../../redis/run-queue.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { abortableDelay } from '../../../shared/lifecycle/abortable-delay.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import { announceQueued } from './announce-queued.ts';
import type { CapacityView } from './capacity-view.ts';
import type { Placeable } from './placeable.ts';
import { readmitQueued } from './readmit-queued.ts';
import { UnplacedRuns } from './unplaced-runs.ts';

export interface PlacementDeps {
  runs: Pick<Runs, 'queuedAll'>;
  queue: Pick<RunQueue, 'admit' | 'positions'>;
  events: Pick<EventStreams, 'publish'>;
  view: Pick<CapacityView, 'limits' | 'curve'>;
  log: Logger;
}

/**
 * Until Redis is asked again (ms). What is accepted between its return and our hearing of it may be overtaken by what other replicas accept, so this is
 * short, and the question a small one: Postgres is read when Redis has answered.
 */
const RETRY_MS = 50;

/** Told to those refused because too many accepted runs are without a place (s). */
const AWAY_RETRY_SECONDS = 5;

/**
 * Gives accepted runs their place in Redis: a slot or a position in the queue. While Redis is away or being rebuilt the
 * replica is "behind": runs are accepted without a place, remembered here in bounded number, and put in before anything
 * new when Redis is back.
 */
export class Placement implements Service {
  readonly name = 'placement';
  private readonly unplaced = new UnplacedRuns();
  private readonly stopped = new AbortController();
  private catchingUp: Promise<void> | undefined;

  constructor(private readonly deps: PlacementDeps) {}

  async start(): Promise<void> {}

  /** What has no place by then stays queued in Postgres, where the leader's reconcile finds it. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.catchingUp;
  }

  get behind(): boolean {
    return this.catchingUp !== undefined;
  }

  /**
   * Why a start of this user cannot be accepted while behind, or null. The queue's own bounds cannot be asked then, so
   * each replica holds them for what it has accepted.
   */
  refusalWhileBehind(userId: string): WeirError | null {
    if (!this.behind) return null;
    const { queue_max, queue_max_per_user } = this.deps.view.limits;
    const options = { retryAfterSeconds: AWAY_RETRY_SECONDS };
    if (this.unplaced.ofUser(userId) >= queue_max_per_user) return new WeirError('user_queue_full', options);
    return this.unplaced.size >= queue_max ? new WeirError('capacity_unavailable', options) : null;
  }

  /**
   * Places runs that Postgres has just stored, and tells the owners of those that wait. null: Redis could not be asked;
   * the runs are accepted and wait here.
   */
  async place(runs: Placeable[]): Promise<Admitted | null> {
    if (!this.behind) {
      const admitted = await this.admit(runs);
      if (admitted !== null) return admitted;
    }
    this.keep(runs);
    return null;
  }

  /** Takes over runs that are accepted although they have no place. */
  keep(runs: Placeable[]): void {
    for (const run of runs) this.unplaced.add({ ...run, promised: true });
    if (this.catchingUp !== undefined || this.stopped.signal.aborted) return;
    this.deps.log.warn('runs are accepted without a place in the queue', { count: this.unplaced.size });
    this.catchingUp = this.catchUp();
  }

  /** The run needs no place any more. */
  forget(runId: string): void {
    this.unplaced.delete(runId);
  }

  private async admit(runs: Placeable[]): Promise<Admitted | null> {
    try {
      const answer = await this.deps.queue.admit(runs);
      if (answer.kind !== 'admitted') return null;
      if (answer.results.some((result) => result.kind === 'queued' && !result.alreadyKnown)) {
        announceQueued(this.deps, runs, answer, await this.deps.view.curve());
      }
      return answer;
    } catch (error) {
      this.deps.log.debug('admission not answered', { error });
      return null;
    }
  }

  private async catchUp(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      await abortableDelay(RETRY_MS, this.stopped.signal);
      if ((await this.redisAnswers()) && (await this.putBack())) return;
    }
  }

  /** False also while the leader rebuilds its data. */
  private async redisAnswers(): Promise<boolean> {
    const answer = await this.deps.queue.positions(this.unplaced.ids().slice(0, 1)).catch(() => null);
    return Array.isArray(answer);
  }

  /** True when nothing that was accepted before is without its place. */
  private async putBack(): Promise<boolean> {
    let placed = 0;
    const admit = async (runs: Placeable[]) => {
      const admitted = await this.admit(runs);
      if (admitted === null) return null;
      for (const run of runs) this.unplaced.delete(run.runId);
      placed += runs.length;
      return admitted;
    };
    const known = this.unplaced.ids();
    try {
      const since = this.unplaced.earliest;
      const done = !Number.isFinite(since) || (await readmitQueued({ runs: this.deps.runs, since, admit }));
      if (!done) return false;
    } catch (error) {
      this.deps.log.debug('catching up has to wait for Postgres', { error });
      return false;
    }
    // Postgres has been read to the end: what was known before and did not come is not queued any more (cancelled elsewhere, say).
    for (const runId of known) this.unplaced.delete(runId);
    // Runs accepted during the scan. No await from here to the command: whatever is accepted next goes out behind it on
    // the same connection, and Redis answers in order.
    const late = this.unplaced.takeAll();
    this.catchingUp = undefined;
    if (placed > 0) this.deps.log.info('accepted runs have their places again', { count: placed + late.length });
    if (late.length > 0) void this.place(late);
    return true;
  }
}
