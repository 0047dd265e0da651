import type { RunAnswer } from '../../shared/protocol/http.ts';

/** A run of two steps that succeeded, as `GET /runs/{id}` answers it; `overrides` make it another one. */
export function sampleRun(overrides: Partial<RunAnswer> = {}): RunAnswer {
  return {
    id: '0198c0de-0000-7000-8000-000000000001',
    workflow_id: '0198c0de-0000-7000-8000-0000000000aa',
    workflow_name: 'hello',
    user_id: 'ada',
    status: 'succeeded',
    priority: 'normal',
    payload: {},
    attempt: 1,
    current_step: 2,
    step_count: 2,
    result: 'Hello, world.',
    error: null,
    accepted_at: '2026-01-01T00:00:00.000Z',
    expires_at: '2026-01-01T00:05:00.000Z',
    started_at: '2026-01-01T00:00:01.000Z',
    finished_at: '2026-01-01T00:00:04.200Z',
    correlation_id: 'correlation-1',
    queue: null,
    steps: [
      {
        index: 0,
        name: 'pause',
        type: 'delay',
        output: { waited_seconds: 1 },
        attempt: 1,
        started_at: '2026-01-01T00:00:01.000Z',
        finished_at: '2026-01-01T00:00:02.000Z',
        usage: null,
      },
      {
        index: 1,
        name: 'greet',
        type: 'llm',
        output: 'Hello, world.',
        attempt: 1,
        started_at: '2026-01-01T00:00:02.000Z',
        finished_at: '2026-01-01T00:00:04.200Z',
        usage: null,
      },
    ],
    ...overrides,
  };
}
