import { expect } from 'chai';
import type { RunAnswer } from '../../../../shared/protocol/http.ts';
import { sampleRun } from '../../../../tests/support/sample-run.ts';
import { type RunView, textOf, viewOf } from './run-view.ts';

const AT = '2030-01-01T00:00:00.000Z';
const ANSWER = sampleRun({
  status: 'running',
  current_step: 1,
  steps: [
    {
      index: 0,
      name: 'ask',
      type: 'llm',
      attempt: 1,
      output: 'Water',
      usage: { provider: 'backup' },
      started_at: AT,
      finished_at: '2030-01-01T00:00:02.000Z',
    } as NonNullable<RunAnswer['steps']>[number],
  ],
});

describe('a run as its watcher sees it', () => {
  it('has its finished steps with what they said, how long they took and who answered', () => {
    expect(viewOf(ANSWER).steps).to.deep.equal([
      {
        index: 0,
        name: 'ask',
        state: 'succeeded',
        durationMs: 2_000,
        text: 'Water',
        restarted: false,
        provider: 'backup',
      },
    ]);
  });

  it('keeps what was heard of a step that is not finished, and the last sentence', () => {
    const heard: RunView = {
      ...viewOf({ ...ANSWER, steps: [] }),
      message: 'Your workflow is starting',
      steps: [
        { index: 0, name: 'ask', state: 'running', durationMs: null, text: 'Wat', restarted: false, provider: null },
        { index: 1, name: 'tell', state: 'running', durationMs: null, text: 'A st', restarted: false, provider: null },
      ],
    };
    const view = viewOf(ANSWER, heard);
    expect(view.steps.map(({ text }) => text)).to.deep.equal(['Water', 'A st']);
    expect(view).to.include({ message: 'Your workflow is starting', stale: false });
  });

  it('shows text as text and everything else as JSON', () => {
    expect(textOf('plain')).to.equal('plain');
    expect(textOf({ a: 1 })).to.equal('{\n  "a": 1\n}');
    expect(textOf(null)).to.equal('');
  });
});
