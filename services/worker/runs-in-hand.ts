import type { Metrics } from '../../shared/observability/metrics.ts';
import type { RunInHand } from './run-in-hand.ts';

/** The runs of this worker, from claim to release, one attempt of each. */
export class RunsInHand {
  private readonly runs = new Map<string, RunInHand>();

  constructor(private readonly metrics: Pick<Metrics['runs'], 'executing'>) {}

  get size(): number {
    return this.runs.size;
  }

  /** A later attempt of a run that is still here (its lease had lapsed and it came back) ends the earlier one. */
  add(run: RunInHand): void {
    this.runs.get(run.runId)?.leave('lost');
    this.runs.set(run.runId, run);
    this.metrics.executing.set(this.runs.size);
  }

  remove(run: RunInHand): void {
    if (this.runs.get(run.runId) === run) this.runs.delete(run.runId);
    this.metrics.executing.set(this.runs.size);
  }

  find(runId: string): RunInHand | undefined {
    return this.runs.get(runId);
  }

  all(): RunInHand[] {
    return [...this.runs.values()];
  }
}
