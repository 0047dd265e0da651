import type { RunRow } from '../../db/repositories/run-row.ts';
import type { Claimed } from '../../db/repositories/runs-claiming.ts';
import { openSpan, pastSpan, type TraceSpan } from '../../shared/observability/tracing/spans.ts';
import { readTraceParent, writeTraceParent } from '../../shared/observability/tracing/trace-parent.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import type { RunInHand } from './run-in-hand.ts';
import type { StepResult } from './steps/step-executor.ts';
import { StepFailure } from './steps/step-failure.ts';

/** Whether a claim was the first since the run was (re)accepted: a later one finds the time of the first in the row. */
export function isFirstClaim(row: RunRow): boolean {
  return row.startedAt?.getTime() === row.updatedAt.getTime();
}

/**
 * One attempt of a run as a span, in the trace of the request that started the run, also on another replica than the attempt before; a link
 * leads there. In detail, the wait before the first attempt is a span of its own.
 */
export async function inRunSpan<T>(
  inHand: RunInHand,
  { run: row }: Exclude<Claimed, { kind: 'gone' }>,
  work: () => Promise<T>,
): Promise<T> {
  const { ready, takenAt } = inHand;
  const { id, attempt, traceParent: parent } = row;
  const first = isFirstClaim(row);
  const span = openSpan('run', {
    kind: 'consumer',
    parent,
    spanId: attemptSpanId(id, attempt),
    link: first ? null : attemptSpan(row, attempt - 1),
    startedAt: Date.now() - (performance.now() - takenAt),
    attributes: {
      'weir.run.id': id,
      'weir.run.attempt': attempt,
      'weir.workflow.name': row.workflowName,
      'weir.correlation_id': row.correlationId,
      'weir.queue.seconds': Math.max(0, ready.grantedAt - row.acceptedAt.getTime()) / 1_000,
    },
  });
  inHand.span = span;
  if (first && span.detailed)
    pastSpan('queue', {
      parent,
      startedAt: row.acceptedAt.getTime(),
      endedAt: ready.grantedAt,
      attributes: { 'weir.run.id': id, 'weir.run.priority': row.priority },
    });
  try {
    return await work();
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

/** A step as a span. A failed step is a failed span; a step that is cut off is not. */
export async function inStepSpan(
  run: TraceSpan,
  step: Step,
  index: number,
  work: (span: TraceSpan) => Promise<StepResult | StepFailure>,
): Promise<StepResult | StepFailure> {
  const attributes = { 'weir.step.name': step.name, 'weir.step.index': index };
  const span = run.begin(`step ${step.type}`, { attributes });
  try {
    const outcome = await work(span);
    if (outcome instanceof StepFailure) {
      span.set({ 'error.type': outcome.code });
      span.fail(outcome.cause ?? outcome);
    }
    return outcome;
  } finally {
    span.end();
  }
}

/** Name of an attempt's span, which whoever comes after can work out: nobody has to write it down. The end of a run's id is random. */
function attemptSpanId(runId: string, attempt: number): string {
  return `${(attempt & 0xffff).toString(16).padStart(4, '0')}${runId.slice(-12)}`;
}

function attemptSpan({ id, traceParent }: RunRow, attempt: number): string | null {
  const parent = readTraceParent(traceParent);
  return parent && writeTraceParent({ ...parent, spanId: attemptSpanId(id, attempt) });
}
