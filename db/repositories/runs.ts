import type { Postgres } from '../postgres.ts';
import { type RunClaiming, runClaiming } from './runs-claiming.ts';
import { type RunInsertion, runInsertion } from './runs-insertion.ts';
import { type RunOwnership, runOwnership } from './runs-ownership.ts';
import { type RunProgress, runProgress } from './runs-progress.ts';
import { type RunReading, runReading } from './runs-reading.ts';
import { type RunRecovery, runRecovery } from './runs-recovery.ts';

/** Everything about tables `runs` and `run_steps`; one file per subject. */
export interface Runs extends RunInsertion, RunReading, RunOwnership, RunClaiming, RunProgress, RunRecovery {}

export function createRuns(postgres: Postgres): Runs {
  return {
    ...runInsertion(postgres),
    ...runReading(postgres),
    ...runOwnership(postgres),
    ...runClaiming(postgres),
    ...runProgress(postgres),
    ...runRecovery(postgres),
  };
}
