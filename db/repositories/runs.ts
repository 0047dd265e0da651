import type { Postgres } from '../postgres.ts';
import { NOBODY_HEARS, type RunsChanged } from './runs-changed.ts';
import { type RunClaiming, runClaiming } from './runs-claiming.ts';
import { type RunInsertion, runInsertion } from './runs-insertion.ts';
import { type RunOwnership, runOwnership } from './runs-ownership.ts';
import { type RunProgress, runProgress } from './runs-progress.ts';
import { type RunReading, runReading } from './runs-reading.ts';
import { type RunRecovery, runRecovery } from './runs-recovery.ts';

/** Everything about tables `runs` and `run_steps`; one file per subject. */
export interface Runs extends RunInsertion, RunReading, RunOwnership, RunClaiming, RunProgress, RunRecovery {}

/** `changed` hears of every change of a run that was there already, and of its steps. */
export function createRuns(postgres: Postgres, changed: RunsChanged = NOBODY_HEARS): Runs {
  return {
    ...runInsertion(postgres, changed),
    ...runReading(postgres),
    ...runOwnership(postgres, changed),
    ...runClaiming(postgres, changed),
    ...runProgress(postgres, changed),
    ...runRecovery(postgres, changed),
  };
}
