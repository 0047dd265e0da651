import type { RunMarks } from '../../redis/run-marks.ts';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import type { Service } from '../../shared/lifecycle/service.ts';
import type { Logger } from '../../shared/observability/logger.ts';

/**
 * Longest wait (ms) of somebody who has changed a run for Redis to know. A replica that reads waits no longer for Redis either, and
 * then asks Postgres (services/api/cache/run-cache.ts).
 */
const PATIENCE_MS = 250;
/** Between attempts while Redis is away (ms). */
const RETRY_MS = 50;
/** Longest life of a mark (ms): the bound of WEIR_CACHE_RUN_SECONDS. What could not be told until then need not be. */
const LONGEST_LIFE_MS = 60_000;
/** Marks removed by one repeated command: after a long outage there may be many, and Redis has others to serve. */
const BATCH = 1_000;

export interface ChangedRunsDeps {
  marks: Pick<RunMarks, 'remove'>;
  log: Logger;
}

/** Removes the marks of runs that this process has changed, so that no replica shows them from memory as they were. */
export class ChangedRuns implements Service {
  readonly name = 'changed runs';
  /** Runs whose marks may still stand, and until when at most (monotonic ms). */
  private readonly untold = new Map<string, number>();
  private readonly stopped = new AbortController();
  private repeating: Promise<void> | undefined;

  constructor(private readonly deps: ChangedRunsDeps) {}

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.repeating;
  }

  /** Sent before this returns. Resolves when Redis has it, at the latest after PATIENCE_MS; what it has not taken is sent again. */
  readonly tell = (runIds: readonly string[]): Promise<void> => {
    const told = this.deps.marks.remove(runIds).catch((error: unknown) => this.keep(runIds, error));
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      void told.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  };

  private keep(runIds: readonly string[], error: unknown): void {
    if (this.untold.size === 0) this.deps.log.warn('changes of runs cannot be told to other replicas yet', { error });
    const until = performance.now() + LONGEST_LIFE_MS;
    for (const id of runIds) this.untold.set(id, until);
    if (!this.stopped.signal.aborted) this.repeating ??= this.repeat();
  }

  private async repeat(): Promise<void> {
    while (this.untold.size > 0 && !this.stopped.signal.aborted) {
      const due = [...this.untold].slice(0, BATCH);
      const told = await this.deps.marks.remove(due.map(([id]) => id)).then(
        () => true,
        () => false,
      );
      const now = performance.now();
      // What has changed once more meanwhile has a later end, and is sent once more.
      for (const [id, until] of due) if ((told && this.untold.get(id) === until) || until < now) this.untold.delete(id);
      if (!told) await abortableDelay(RETRY_MS, this.stopped.signal);
    }
    this.repeating = undefined;
  }
}
