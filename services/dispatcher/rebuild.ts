import { randomUUID } from 'node:crypto';
import type { LeanRun } from '../../db/repositories/run-row.ts';
import type { Runs } from '../../db/repositories/runs.ts';
import type { ClusterSettings } from '../../db/repositories/settings.ts';
import type { Rebuild as RebuildScripts, RebuildStep } from '../../redis/rebuild.ts';
import type { RunningEntry } from '../../redis/results.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Limits } from '../../shared/protocol/http.ts';
import { queuedRuns } from './queued-runs.ts';
import { toAdmitEntry } from './to-admit-entry.ts';

/** Runs loaded by one script call: a few ms of Redis. */
const LOAD_BATCH = 1_000;

export interface RebuildDeps {
  scripts: Pick<RebuildScripts, 'begin' | 'load' | 'finish'>;
  runs: Pick<Runs, 'queuedAll' | 'runningAll' | 'maxStartNo'>;
  settings: Pick<ClusterSettings, 'getLimits'>;
  /** Hold for limits that no administrator has set. */
  defaultLimits: Limits;
  log: Logger;
}

/**
 * Makes the capacity state anew from Postgres, after Redis lost it or when a cluster begins. Running runs get their slots first, with
 * a lease that nobody holds: their workers' next renewal takes it over, and those nobody renews are rescued one lease later. So no
 * run starts beyond the limit, however few workers have come back yet. Waiting runs get their places by their original times.
 */
export class Rebuild {
  constructor(private readonly deps: RebuildDeps) {}

  /** `rebuilding`: the data was lost again half-way. Rejects with the reason when `signal` aborts. */
  async run(epoch: number, signal: AbortSignal): Promise<RebuildStep> {
    const { scripts, runs, log } = this.deps;
    const since = performance.now();
    let step = await scripts.begin(epoch);
    if (step.kind !== 'done') return step;

    const running = await runs.runningAll();
    for (let at = 0; at < running.length; at += LOAD_BATCH) {
      signal.throwIfAborted();
      step = await scripts.load(epoch, { running: running.slice(at, at + LOAD_BATCH).map(toRunningEntry) });
      if (step.kind !== 'done') return step;
    }
    let queued = 0;
    for await (const page of queuedRuns(runs, LOAD_BATCH, signal)) {
      queued += page.length;
      step = await scripts.load(epoch, { queued: page.map(toAdmitEntry) });
      if (step.kind !== 'done') return step;
    }

    const limits = { ...this.deps.defaultLimits, ...(await this.deps.settings.getLimits()) };
    const maxGrantNo = await runs.maxStartNo();
    signal.throwIfAborted();
    step = await scripts.finish(epoch, { generation: randomUUID(), maxGrantNo, limits });
    const took_ms = Math.round(performance.now() - since);
    if (step.kind === 'done')
      log.info('capacity state built from Postgres', { epoch, running: running.length, queued, took_ms });
    return step;
  }
}

function toRunningEntry(run: LeanRun): RunningEntry {
  const { seq, userId, workflowId, attempt } = run;
  const grantedAt = (run.grantedAt ?? run.startedAt ?? run.acceptedAt).getTime();
  return { runId: run.id, seq, userId, workflowId, attempt, grantedAt, grantNo: run.startNo ?? 0 };
}
