import type { RunRow, RunStepRow } from '../../../db/repositories/run-row.ts';
import type { Runs } from '../../../db/repositories/runs.ts';
import type { RedisConnections } from '../../../redis/client.ts';
import type { RunMarks } from '../../../redis/run-marks.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { type Breaker, createBreaker } from '../../../shared/resilience/breaker.ts';
import { KeptReads } from './kept-reads.ts';

/** A run with its checkpoints. Shared by everybody who reads it: nobody changes it, and who may see it is asked each time. */
export interface ReadRun {
  readonly run: RunRow;
  readonly steps: readonly RunStepRow[];
}

export interface RunCacheDeps {
  runs: Pick<Runs, 'get' | 'steps'>;
  marks: Pick<RunMarks, 'of'>;
  connections: Pick<RedisConnections, 'on' | 'off'>;
  metrics: Metrics['cache'];
  log: Logger;
  /** How long a run that does not change is shown without asking Postgres; 0: never. */
  seconds: number;
}

/** Longest wait for Redis (ms): beyond, Postgres answers sooner. */
const PATIENCE_MS = 250;
/** Two in a row without an answer, and Redis is left alone for a second. */
const FAILURES_TO_OPEN = 2;
const OPEN_MS = 1_000;

/** Characters of JSON of all runs kept (some tens of MB), and of one: larger ones are rare, and would push out many. */
const MAX_SIZE = 16_000_000;
const MAX_RUN_SIZE = 256_000;

/**
 * Runs in memory, shown only with Redis' word that they have not changed since they were read: a run is kept under the mark (redis/run-marks.ts)
 * that it had before it was read, and whoever changes a run removes its mark. So an answer is never older than the last change that
 * anybody was told of, through whichever replica; and a read that a change has overtaken is kept under a mark that nobody finds any more.
 * The price is a round trip to Redis instead of two statements. Without Redis, Postgres is asked.
 */
export class RunCache implements Service {
  readonly name = 'run cache';
  private readonly kept: KeptReads<ReadRun> | null;
  /** ms, whole. */
  private readonly lifeMs: number;
  private readonly breaker: Breaker;
  /**
   * Part of every key, counted on with each failure: marks that Redis still has after an outage may be of runs whose change it could not
   * be told of, so what was kept before does not count.
   */
  private age = 0;

  constructor(private readonly deps: RunCacheDeps) {
    const { seconds, log } = deps;
    const sizes = { maxSize: MAX_SIZE, maxEntrySize: MAX_RUN_SIZE, sizeOf };
    this.lifeMs = Math.ceil(seconds * 1_000);
    this.kept = seconds === 0 ? null : new KeptReads({ lifeMs: this.lifeMs, ...sizes });
    this.breaker = createBreaker({
      name: 'run marks',
      failuresToOpen: FAILURES_TO_OPEN,
      openMs: OPEN_MS,
      timeoutMs: PATIENCE_MS,
      isFailure: () => true,
      onChange: (state) => log.info('cache of runs', { breaker: state }),
    });
  }

  async start(): Promise<void> {
    this.deps.connections.on('down', this.forget);
  }

  async stop(): Promise<void> {
    this.deps.connections.off('down', this.forget);
    this.breaker.dispose();
  }

  /** null: there is no such run. */
  async get(id: string): Promise<ReadRun | null> {
    const { metrics } = this.deps;
    const begun = performance.now();
    const mark = this.kept === null ? null : await this.markOf(id);
    if (this.kept === null || mark === null) {
      metrics.count('run', 'bypass');
      return this.read(id);
    }
    let asked = false;
    const found = await this.kept.get(`${this.age} ${mark} ${id}`, () => {
      asked = true;
      return this.read(id);
    });
    metrics.count('run', asked ? 'miss' : 'hit');
    if (!asked) metrics.hitSeconds.observe((performance.now() - begun) / 1_000);
    return found;
  }

  /** null: Redis does not say. */
  private async markOf(id: string): Promise<string | null> {
    try {
      return await this.breaker.execute(() => this.deps.marks.of(id, this.lifeMs));
    } catch {
      this.forget();
      return null;
    }
  }

  private readonly forget = (): void => {
    this.age += 1;
  };

  /** First the run: steps that are newer than it are none that anybody misses. */
  private async read(id: string): Promise<ReadRun | null> {
    const run = await this.deps.runs.get(id);
    return run === null ? null : { run, steps: await this.deps.runs.steps(run.id) };
  }
}

function sizeOf(read: ReadRun): number {
  return JSON.stringify(read).length;
}
