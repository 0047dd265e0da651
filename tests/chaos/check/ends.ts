import type { RunStatus } from '../../../shared/workflow/run-state.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Violation } from './violation.ts';

export const FINAL: readonly RunStatus[] = ['succeeded', 'failed', 'cancelled', 'timed_out'];

const TOLD: Partial<Record<string, RunStatus>> = {
  WORKFLOW_COMPLETED: 'succeeded',
  WORKFLOW_FAILED: 'failed',
  WORKFLOW_CANCELLED: 'cancelled',
  WORKFLOW_QUEUE_TIMEOUT: 'timed_out',
};

/** The end that a frame tells of a run; null: it tells none. */
export function toldEnd(frame: { type: string; data: unknown }): { runId: string; status: RunStatus } | null {
  const status = TOLD[frame.type];
  return status === undefined ? null : { runId: (frame.data as { run_id: string }).run_id, status };
}

/** Every end that a client was told, over HTTP or a socket, is the one end that Postgres has; no run is left without. */
export function checkEnds({ runs, starts, answers, sockets }: Evidence): Violation[] {
  const violation = (about: string): Violation => ({ promise: 'ends', about });
  const stored = new Map(runs.map((run) => [run.id, run]));
  const open = runs
    .filter(({ status, finishedAt }) => !FINAL.includes(status) || finishedAt === null)
    .map(({ id, status }) => violation(`run ${id} is left ${status}`));

  const told = [
    ...[...starts, ...answers].flatMap(({ runId, runStatus, kind, user, at }) =>
      runId !== null && runStatus !== null && FINAL.includes(runStatus)
        ? [{ runId, status: runStatus, by: `answer to ${kind}`, user, at }]
        : [],
    ),
    ...sockets.flatMap(({ user, frames }) =>
      frames.flatMap(({ at, frame }) => {
        const end = toldEnd(frame);
        return end === null ? [] : [{ ...end, by: frame.type, user, at }];
      }),
    ),
  ];
  const wrong = told.flatMap(({ runId, status, by, user, at }) => {
    const run = stored.get(runId);
    if (run === undefined)
      return [violation(`${by} told ${user} at ${at} of the end of run ${runId}, which does not exist`)];
    return run.status === status
      ? []
      : [violation(`${by} told ${user} at ${at} that run ${runId} is ${status}, stored is ${run.status}`)];
  });
  return [...open, ...wrong];
}
