import type { Redis } from 'ioredis';
import type { Limits } from '../shared/protocol/http.ts';
import { PRIORITY_BOOST_MS } from '../shared/workflow/priority.ts';
import type { Keys } from './keys.ts';
import { LEASES } from './leases.ts';
import { queueEntry } from './queue-entry.ts';
import { leaderRefusal } from './refusal.ts';
import type { AdmitEntry, Rebuilding, RunningEntry, StaleEpoch } from './results.ts';
import type { ScriptRunner } from './script-runner.ts';
import { RedisUnavailable } from './unavailable.ts';

/** `done`, or why not: `rebuilding` = not begun in this epoch, or the data was lost again: begin anew. */
export type RebuildStep = { kind: 'done' } | Rebuilding | StaleEpoch;

export interface FinishedRebuild {
  /** Any name this state has not had before. */
  generation: string;
  /** `max(runs.start_no)`; grants go on counting from there. */
  maxGrantNo: number;
  limits: Limits;
}

/**
 * Makes the capacity state anew from Postgres after Redis has lost it: `begin`, `load` in batches of at most 1000, `finish`. Leader only.
 * Until `finish` every other script answers `rebuilding`.
 */
export class Rebuild {
  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: Keys,
    private readonly redis: Redis,
  ) {}

  /** Whether the state is gone, or was never there. */
  async isMissing(): Promise<boolean> {
    try {
      return (await this.redis.exists(this.keys.capacity('generation'))) === 0;
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }

  async begin(epoch: number): Promise<RebuildStep> {
    return toStep(await this.scripts.capacity('beginRebuild', epoch));
  }

  /** Runs that Postgres calls queued (granted ones that no worker had claimed among them) and running. Any order: their times place them. `expiresAt` must be set. */
  async load(
    epoch: number,
    runs: { queued?: readonly AdmitEntry[]; running?: readonly RunningEntry[] },
  ): Promise<RebuildStep> {
    const args = this.scripts.begin('loadRuns');
    args.push(epoch);
    for (const run of runs.running ?? []) {
      args.push(run.runId, queueEntry(run, run.attempt - 1), 1, run.attempt, `${run.grantedAt}:${run.grantNo}`);
    }
    for (const run of runs.queued ?? []) {
      args.push(
        run.runId,
        queueEntry(run, run.attemptFloor),
        0,
        run.acceptedAt - PRIORITY_BOOST_MS[run.priority],
        run.expiresAt,
      );
    }
    return toStep(await this.scripts.call('loadRuns', args));
  }

  /** Workers have one lease from here on to renew the slots of the running runs; then those nobody has renewed are rescued. */
  async finish(epoch: number, { generation, maxGrantNo, limits }: FinishedRebuild): Promise<RebuildStep> {
    const wake = this.keys.channel('wake');
    const args = [epoch, wake, LEASES.slot.lengthMs, generation, maxGrantNo, ...Object.entries(limits).flat()];
    return toStep(await this.scripts.capacity('finishRebuild', ...args));
  }
}

function toStep(status: number): RebuildStep {
  return status === 1 ? { kind: 'done' } : leaderRefusal(status);
}
