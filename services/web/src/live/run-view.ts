import type { RunAnswer } from '../../../../shared/protocol/http.ts';
import type { Priority } from '../../../../shared/workflow/priority.ts';
import type { RunStatus } from '../../../../shared/workflow/run-state.ts';

export interface StepView {
  index: number;
  name: string;
  state: 'running' | 'succeeded' | 'failed';
  durationMs: number | null;
  /** What a model has said so far, or a step's whole output. */
  text: string;
  /** A model broke off and starts anew: what was shown is gone. */
  restarted: boolean;
  provider: string | null;
}

export interface PlaceView {
  /** null: not known yet. */
  position: number | null;
  estimatedWaitSeconds: number | null;
  expiresAt: string;
}

/** A run as its watcher sees it: what the server answered and what was heard since. */
export interface RunView {
  id: string;
  /** User id; null: not read yet, and of the user's own stream. */
  owner: string | null;
  workflowId: string;
  workflowName: string;
  /** null: known from frames alone, which do not all tell it. */
  priority: Priority | null;
  status: RunStatus;
  place: PlaceView | null;
  stepCount: number;
  /** In the order of their index; those not reached yet are missing. */
  steps: readonly StepView[];
  acceptedAt: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  /** The last sentence the server said about it. */
  message: string | null;
  /** Why it failed. */
  reason: string | null;
  result: unknown;
  usage: RunAnswer['usage'];
  /** Something may have been missed since it was last read: read it again. */
  stale: boolean;
  /** How many frames have told how it is. Answers and frames come by two ways: an answer asked for before the last of these may be older. */
  news: number;
}

/** A run as the API answers it. Text heard meanwhile of steps that are not finished is kept from `before`. */
export function viewOf(run: RunAnswer, before?: RunView): RunView {
  const finished = (run.steps ?? []).map((step): StepView => {
    const usage = step.usage as { provider?: string } | null;
    return {
      index: step.index,
      name: step.name,
      state: 'succeeded',
      durationMs: Date.parse(step.finished_at) - Date.parse(step.started_at),
      text: textOf(step.output),
      restarted: false,
      provider: usage?.provider ?? null,
    };
  });
  const known = new Set(finished.map(({ index }) => index));
  const underWay = (before?.steps ?? []).filter(({ index }) => !known.has(index));
  const failed = run.error?.step ?? null;
  return {
    id: run.id,
    owner: run.user_id,
    workflowId: run.workflow_id,
    workflowName: run.workflow_name,
    priority: run.priority,
    status: run.status,
    place: run.queue === null ? null : placeOf(run.queue),
    stepCount: run.step_count,
    steps: [...finished, ...underWay]
      .map((step) => (step.name === failed && run.status === 'failed' ? { ...step, state: 'failed' as const } : step))
      .sort((a, b) => a.index - b.index),
    acceptedAt: run.accepted_at,
    startedAt: run.started_at,
    finishedAt: run.finished_at,
    message: before?.message ?? null,
    reason: run.error?.reason ?? null,
    result: run.result,
    usage: run.usage ?? null,
    stale: false,
    news: before?.news ?? 0,
  };
}

export function placeOf(place: {
  position: number | null;
  estimated_wait_seconds: number | null;
  expires_at: string;
}): PlaceView {
  return {
    position: place.position,
    estimatedWaitSeconds: place.estimated_wait_seconds,
    expiresAt: place.expires_at,
  };
}

/** A step's output for reading: text as it is, everything else as JSON. */
export function textOf(output: unknown): string {
  if (output === null || output === undefined) return '';
  return typeof output === 'string' ? output : JSON.stringify(output, null, 2);
}
