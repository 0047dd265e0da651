import type { EventData, EventFrame } from '../../../../shared/protocol/events.ts';
import { isFinal, type RunStatus } from '../../../../shared/workflow/run-state.ts';
import { placeOf, type RunView, type StepView } from './run-view.ts';

export type Runs = ReadonlyMap<string, RunView>;

/** What is known of the user's runs after a frame; the same object when it tells nothing of them. Frames of one run come in order. */
export function applyFrame(runs: Runs, frame: EventFrame): Runs {
  switch (frame.type) {
    case 'SNAPSHOT':
      return replace(runs, frame.data);
    case 'WORKFLOW_QUEUED':
      return change(runs, frame.data, (run) => ({
        ...run,
        news: run.news + 1,
        priority: frame.data.priority,
        status: 'queued',
        place: placeOf(frame.data),
        acceptedAt: run.acceptedAt ?? frame.at,
        finishedAt: null,
        reason: null,
        message: frame.data.message,
      }));
    case 'WORKFLOW_POSITION':
      return frame.data.runs.reduce<Runs>((known, place) => {
        const run = known.get(place.run_id);
        if (run?.status !== 'queued') return known;
        return new Map(known).set(run.id, { ...run, news: run.news + 1, place: placeOf(place) });
      }, runs);
    case 'WORKFLOW_STARTING':
      return change(runs, frame.data, (run) => ({
        ...run,
        news: run.news + 1,
        status: 'running',
        place: null,
        stepCount: frame.data.step_count,
        startedAt: run.startedAt ?? frame.at,
        finishedAt: null,
        reason: null,
        message: frame.data.message,
      }));
    case 'WORKFLOW_STEP':
      return change(runs, frame.data, (run) => ({
        ...run,
        status: 'running',
        place: null,
        stepCount: frame.data.step_count,
        steps: withStep(run.steps, frame.data.step, frame.data.index, (step) => stepAfter(step, frame.data)),
      }));
    case 'WORKFLOW_OUTPUT':
      return change(runs, frame.data, (run) => ({
        ...run,
        steps: withStep(run.steps, frame.data.step, null, (step) => ({
          ...step,
          text: frame.data.restart ? frame.data.text : step.text + frame.data.text,
          restarted: frame.data.restart === true || step.restarted,
        })),
      }));
    case 'WORKFLOW_COMPLETED':
      return end(runs, frame.data, frame.at, 'succeeded', { result: frame.data.result });
    case 'WORKFLOW_FAILED':
      return end(runs, frame.data, frame.at, 'failed', { reason: frame.data.reason }, frame.data.step);
    case 'WORKFLOW_CANCELLED':
      return end(runs, frame.data, frame.at, 'cancelled', {});
    case 'WORKFLOW_QUEUE_TIMEOUT':
      return end(runs, frame.data, frame.at, 'timed_out', {});
    case 'PROVIDER_SWITCHED':
      return change(runs, frame.data, (run) => ({ ...run, message: frame.data.message }));
    default:
      return runs;
  }
}

interface RunNames {
  run_id: string;
  workflow_id: string;
  workflow_name: string;
}

function change(runs: Runs, names: RunNames, next: (run: RunView) => RunView): Runs {
  return new Map(runs).set(names.run_id, next(runs.get(names.run_id) ?? unknownRun(names)));
}

function end(
  runs: Runs,
  data: RunNames & { message: string },
  at: string,
  status: RunStatus,
  outcome: Partial<RunView>,
  failedStep: string | null = null,
): Runs {
  return change(runs, data, (run) => ({
    ...run,
    news: run.news + 1,
    status,
    place: null,
    finishedAt: at,
    message: data.message,
    steps: run.steps.map((step) =>
      step.name === failedStep
        ? { ...step, state: 'failed' }
        : step.state === 'running'
          ? { ...step, durationMs: null }
          : step,
    ),
    // The answer of the API has what frames do not: outputs, tokens, the exact times.
    stale: true,
    ...outcome,
  }));
}

/** A snapshot names every active run. What was active and is not named has ended unheard, and everything may have gone on. */
function replace(runs: Runs, snapshot: EventData<'SNAPSHOT'>): Runs {
  const next = new Map(runs);
  for (const run of runs.values())
    if (!isFinal(run.status)) next.set(run.id, { ...run, news: run.news + 1, stale: true });
  for (const run of snapshot.runs) {
    const before = runs.get(run.run_id) ?? unknownRun(run);
    next.set(run.run_id, {
      ...before,
      news: before.news + 1,
      priority: run.priority,
      status: run.status,
      place: run.queue === null ? null : placeOf(run.queue),
      stepCount: run.step_count,
      acceptedAt: run.accepted_at,
      startedAt: run.started_at,
      stale: true,
    });
  }
  return next;
}

function unknownRun({ run_id, workflow_id, workflow_name }: RunNames): RunView {
  return {
    id: run_id,
    owner: null,
    workflowId: workflow_id,
    workflowName: workflow_name,
    priority: null,
    status: 'queued',
    place: null,
    stepCount: 0,
    steps: [],
    acceptedAt: null,
    startedAt: null,
    finishedAt: null,
    message: null,
    reason: null,
    result: null,
    usage: null,
    stale: true,
    news: 0,
  };
}

function withStep(
  steps: readonly StepView[],
  name: string,
  index: number | null,
  next: (step: StepView) => StepView,
): StepView[] {
  const before = steps.find((step) => step.name === name);
  const fresh: StepView = {
    index: index ?? Math.max(-1, ...steps.map((step) => step.index)) + 1,
    name,
    state: 'running',
    durationMs: null,
    text: '',
    restarted: false,
    provider: null,
  };
  return [...steps.filter((step) => step !== before), next(before ?? fresh)].sort((a, b) => a.index - b.index);
}

function stepAfter(step: StepView, data: EventData<'WORKFLOW_STEP'>): StepView {
  // Begun again: a rescued run repeats its step from nothing.
  if (data.status === 'started') return { ...step, index: data.index, state: 'running', durationMs: null, text: '' };
  return { ...step, index: data.index, state: data.status, durationMs: data.duration_ms };
}
