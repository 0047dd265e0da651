import { RunWatcher } from '../../../services/cli/watch/run-watcher.ts';
import type { WatchUpdate } from '../../../services/cli/watch/updates.ts';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import type { RunAnswer } from '../../../shared/protocol/http.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import { sampleRun } from '../sample-run.ts';

export const at = '2026-01-01T00:00:00.000Z';
export const finished = sampleRun();
export const ids = { run_id: finished.id, workflow_id: finished.workflow_id, workflow_name: finished.workflow_name };
export const running = (overrides: Partial<RunAnswer> = {}) =>
  sampleRun({ status: 'running', current_step: 0, steps: [], result: null, finished_at: null, ...overrides });

export const starting = (attempt: number): EventFrame => ({
  type: 'WORKFLOW_STARTING',
  at,
  data: { message: TEXTS.starting, ...ids, attempt, step_count: 2 },
});
export const step = (name: string, index: number, status: 'started' | 'succeeded' | 'failed'): EventFrame => ({
  type: 'WORKFLOW_STEP',
  at,
  data: { ...ids, step: name, index, step_count: 2, status, duration_ms: status === 'started' ? null : 5 },
});
export const output = (text: string, restart?: boolean): EventFrame => ({
  type: 'WORKFLOW_OUTPUT',
  at,
  data: { ...ids, step: 'greet', text, ...(restart === undefined ? {} : { restart }) },
});
export const completed: EventFrame = {
  type: 'WORKFLOW_COMPLETED',
  at,
  data: { message: TEXTS.completed, ...ids, result: 'Hello, world.' },
};
export const snapshot: EventFrame = {
  type: 'SNAPSHOT',
  at,
  data: {
    recovered: false,
    replica: 'r',
    user_id: 'ada',
    runs: [],
    capacity: null,
    features: { disabled: [] },
    provider: { active: null },
  },
};

/** Resolves when the watcher has worked off its frames: all of them are promises that are already settled. */
export const drained = () => new Promise((resolve) => setImmediate(resolve));

/** A watcher whose server answers `server.run`; null: it cannot be reached. */
export function watch(run: RunAnswer | null = null) {
  const updates: WatchUpdate[] = [];
  const server = { run, asked: 0 };
  const watcher = new RunWatcher({
    runId: finished.id,
    definition: [
      { name: 'pause', type: 'delay' },
      { name: 'greet', type: 'llm' },
    ],
    fetchRun: async () => {
      server.asked += 1;
      if (server.run === null) throw new Error('unreachable');
      return server.run;
    },
    emit: (update) => updates.push(update),
  });
  const told = () => updates.map(brief);
  return {
    watcher,
    server,
    told,
    feed: (...frames: EventFrame[]) => frames.forEach((frame) => void watcher.frame(frame)),
  };
}

function brief(update: WatchUpdate): string {
  switch (update.kind) {
    case 'waiting':
      return `waiting ${update.place?.position ?? 'nowhere'}`;
    case 'starting':
      return `starting ${update.attempt}`;
    case 'step_started':
      return `start ${update.step.name}`;
    case 'step_ended':
      return `${update.succeeded ? 'done' : 'failed'} ${update.step.name}`;
    case 'output':
      return `${update.restart ? 'again' : 'out'} ${update.text}`;
    case 'notice':
      return `${update.tone}: ${update.message}`;
    case 'ended':
      return `ended ${update.ending.status}`;
  }
}
