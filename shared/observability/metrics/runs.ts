import type { FailureCode } from '../../workflow/failure-codes.ts';
import { FAILURE_CODES } from '../../workflow/failure-codes.ts';
import { FINAL_STATUSES, type RunStatus } from '../../workflow/run-state.ts';
import { BoundedLabels } from '../bounded-labels.ts';
import { LATENCY_BUCKETS, RUN_BUCKETS, WAIT_BUCKETS } from './buckets.ts';
import type { MetricBook } from './metric-book.ts';

/** Workflows that a replica counts by name; anybody may make up another one. */
const MAX_WORKFLOWS = 100;

/** What is counted of a run that has ended. */
export interface EndedRun {
  workflowName: string;
  status: RunStatus;
  /** null or left out: it never had a slot. */
  grantedAt: Date | null;
  finishedAt: Date | null;
  /** Left out: it has not failed. */
  error?: { code: string } | null;
}

/** Runs from their slot to their end. Every end is counted once, by whoever made it: a worker, the leader, or the replica that cancelled. */
export class RunMetrics {
  readonly started;
  readonly finished;
  readonly failures;
  readonly seconds;
  readonly executing;
  readonly queueWait;
  readonly startLatency;
  readonly stepSeconds;
  readonly rescued;
  readonly fenced;
  private readonly workflows = new BoundedLabels(MAX_WORKFLOWS);
  private readonly prepared = new Set<string>();

  constructor(book: MetricBook) {
    this.started = book.counter('weir_runs_started_total', {
      by: 'worker',
      help: 'Runs that a worker has begun, retries included; not those it went on with. Workflows beyond the first 100 of a replica are "other".',
      labels: ['workflow'],
    });
    this.finished = book.counter('weir_runs_finished_total', {
      by: 'replica',
      help: 'Runs by final status, counted where they were ended: by a worker, the leader (timed_out) or an api (cancelled).',
      labels: ['status', 'workflow'],
    });
    this.failures = book.counter('weir_run_failures_total', {
      by: 'worker',
      help: 'Runs that failed, by the code of their error.',
      labels: ['code', 'workflow'],
    });
    this.seconds = book.histogram('weir_run_duration_seconds', {
      by: 'replica',
      help: 'From slot to end, by final status; without runs that never had a slot.',
      labels: ['status'],
      buckets: RUN_BUCKETS,
    });
    this.executing = book.gauge('weir_runs_executing', { by: 'worker', help: 'Runs in the hands of this worker.' });
    this.queueWait = book.histogram('weir_queue_wait_seconds', {
      by: 'worker',
      help: 'From acceptance to slot.',
      buckets: WAIT_BUCKETS,
    });
    this.startLatency = book.histogram('weir_start_latency_seconds', {
      by: 'worker',
      help: 'From slot to first step begun.',
      buckets: LATENCY_BUCKETS,
    });
    this.stepSeconds = book.histogram('weir_step_duration_seconds', {
      by: 'worker',
      help: 'Steps by kind and outcome.',
      labels: ['kind', 'outcome'],
      buckets: WAIT_BUCKETS,
    });
    this.rescued = book.counter('weir_runs_rescued_total', {
      by: 'leader',
      help: 'Runs put back because their lease had lapsed.',
    });
    this.fenced = book.counter('weir_writes_fenced_total', {
      by: 'worker',
      help: 'Writes of a worker that no longer owned its run.',
    });
  }

  /** A worker has begun a run that no worker had since it was accepted. */
  begun({ workflowName }: { workflowName: string }): void {
    this.started.inc({ workflow: this.workflow(workflowName) });
  }

  ended({ workflowName, status, grantedAt, finishedAt, error }: EndedRun): void {
    const workflow = this.workflow(workflowName);
    this.finished.inc({ status, workflow });
    if (status === 'failed') this.failures.inc({ code: knownCode(error?.code), workflow });
    // The slot was given by the clock of Redis, the end is noted by another one.
    if (grantedAt !== null && finishedAt !== null)
      this.seconds.observe({ status }, Math.max(0, finishedAt.getTime() - grantedAt.getTime()) / 1_000);
  }

  /** The label of a workflow. Its counters begin at 0, so that a rate sees the first failure too. */
  private workflow(name: string): string {
    const workflow = this.workflows.label(name);
    if (!this.prepared.has(workflow)) {
      this.prepared.add(workflow);
      for (const status of FINAL_STATUSES) this.finished.inc({ status, workflow }, 0);
      for (const code of FAILURE_CODES) this.failures.inc({ code, workflow }, 0);
    }
    return workflow;
  }
}

/** A code of a later release, met while the cluster is updated, must not be a label nobody bounds. */
function knownCode(code: string | undefined): FailureCode {
  return FAILURE_CODES.find((known) => known === code) ?? 'internal';
}
