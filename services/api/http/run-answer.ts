import type { RunRow, RunStepRow } from '../../../db/repositories/run-row.ts';
import type { QueuePlace, RunAnswer } from '../../../shared/protocol/http.ts';
import { runUsage } from './run-usage.ts';

/** A run as the API shows it. */
export function runAnswer(run: RunRow, queue: QueuePlace | null, steps?: readonly RunStepRow[]): RunAnswer {
  return {
    id: run.id,
    workflow_id: run.workflowId,
    workflow_name: run.workflowName,
    user_id: run.userId,
    status: run.status,
    priority: run.priority,
    payload: run.payload,
    attempt: run.attempt,
    current_step: run.currentStep,
    step_count: run.stepCount,
    result: run.result ?? null,
    error: run.error,
    accepted_at: run.acceptedAt.toISOString(),
    expires_at: run.expiresAt.toISOString(),
    started_at: run.startedAt?.toISOString() ?? null,
    finished_at: run.finishedAt?.toISOString() ?? null,
    correlation_id: run.correlationId,
    queue,
    ...(steps === undefined ? {} : { steps: steps.map(stepAnswer), usage: runUsage(steps) }),
  };
}

function stepAnswer(step: RunStepRow): NonNullable<RunAnswer['steps']>[number] {
  return {
    index: step.index,
    name: step.name,
    type: step.type,
    output: step.output,
    attempt: step.attempt,
    started_at: step.startedAt.toISOString(),
    finished_at: step.finishedAt.toISOString(),
    usage: step.usage ?? null,
  };
}
