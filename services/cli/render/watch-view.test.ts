import { expect } from 'chai';
import { sampleRun } from '../../../tests/support/sample-run.ts';
import type { ScreenOperation } from '../watch/screen-operation.ts';
import type { Ending, StepFacts, WatchUpdate } from '../watch/updates.ts';
import { createStyle } from './style.ts';
import { WatchView } from './watch-view.ts';

const pause: StepFacts = { name: 'pause', index: 0, kind: 'delay' };
const greet: StepFacts = { name: 'greet', index: 1, kind: 'llm' };
const done: Ending = {
  status: 'succeeded',
  message: 'Your workflow is finished',
  reason: null,
  step: null,
  result: 'Hello',
  run: sampleRun(),
};

/** What a reader without a terminal sees. */
function shown(updates: WatchUpdate[], width = Number.POSITIVE_INFINITY): string {
  const view = new WatchView({
    style: createStyle(false),
    width,
    stepCount: 2,
    now: () => 1_000,
    program: 'weir',
    runId: 'r-1',
  });
  return updates
    .flatMap((update) => view.show(update))
    .map((operation: ScreenOperation) => {
      if (operation.kind === 'raw') return operation.text;
      return operation.kind === 'line' ? `${operation.text}\n` : `<${operation.text(3_500)}>\n`;
    })
    .join('');
}

describe('WatchView', () => {
  it('tells a run from waiting to result', () => {
    const place = { position: 2, estimated_wait_seconds: 4, expires_at: '1970-01-01T00:05:03.500Z' };
    const text = shown([
      { kind: 'waiting', message: 'Your workflow is waiting for its turn', place },
      { kind: 'waiting', message: 'Your workflow is waiting for its turn', place: { ...place, position: 1 } },
      { kind: 'notice', tone: 'warning', message: 'High demand' },
      { kind: 'starting', message: 'Your workflow is starting', attempt: 1 },
      { kind: 'step_started', step: pause },
      { kind: 'step_ended', step: pause, succeeded: true, durationMs: 1_000 },
      { kind: 'step_started', step: greet },
      { kind: 'output', step: greet, text: 'Hel', restart: false },
      { kind: 'output', step: greet, text: 'lo', restart: false },
      { kind: 'step_ended', step: greet, succeeded: true, durationMs: 2_200 },
      { kind: 'ended', ending: done },
    ]);
    expect(text.split('\n')).to.deep.equal([
      '  ○ Your workflow is waiting for its turn',
      '<position 2, starts in about 4 s, waits 5 min 00 s at most>',
      '<position 1, starts in about 4 s, waits 5 min 00 s at most>',
      '  ! High demand',
      '  ▸ Your workflow is starting',
      '<1/2 pause · delay 2.5 s>',
      '  ✓ 1/2 pause · delay  1.0 s',
      '<2/2 greet · llm 2.5 s>',
      '  ● 2/2 greet · llm',
      '      │ Hello',
      '  ✓ 2/2 greet · llm  2.2 s',
      '✔ succeeded in 3.2 s',
      '',
    ]);
  });

  it('begins an answer again where the model was changed, and keeps the heading', () => {
    const text = shown([
      { kind: 'output', step: greet, text: 'Half an ans', restart: false },
      { kind: 'notice', tone: 'warning', message: 'Using alternative provider - responses may vary slightly' },
      { kind: 'output', step: greet, text: '', restart: true },
      { kind: 'output', step: greet, text: 'Whole answer', restart: false },
      { kind: 'step_ended', step: greet, succeeded: true, durationMs: null },
    ]);
    expect(text.split('\n')).to.deep.equal([
      '  ● 2/2 greet · llm',
      '      │ Half an ans',
      '  ! Using alternative provider - responses may vary slightly',
      '  ↻ the answer from its beginning',
      '      │ Whole answer',
      '  ✓ 2/2 greet · llm',
      '',
    ]);
  });

  it('says that a run goes on after an interruption, and in which attempt', () => {
    const text = shown([{ kind: 'starting', message: 'Your workflow continues after an interruption', attempt: 2 }]);
    expect(text).to.equal('  ▸ Your workflow continues after an interruption (attempt 2)\n');
  });

  it('breaks model output to the width of the terminal', () => {
    const text = shown([{ kind: 'output', step: greet, text: 'aaa bbb ccc\n', restart: false }], 17);
    expect(text).to.equal('  ● 2/2 greet · llm\n      │ aaa bbb\n      │ ccc\n');
  });

  it('ends a failed run with its reason, the way on and the correlation id', () => {
    const run = sampleRun({ status: 'failed' });
    const text = shown([
      { kind: 'ended', ending: { ...done, status: 'failed', reason: 'No answer.', step: 'greet', run } },
    ]);
    expect(text).to.equal(
      '✘ failed in step greet: No answer.\n  Go on from the last finished step: weir retry r-1 --watch\n  Correlation id: correlation-1\n',
    );
  });

  it('shows a result that was not the last thing said, and tells other endings in a sentence', () => {
    expect(shown([{ kind: 'ended', ending: { ...done, run: null, result: { ok: true } } }])).to.equal(
      '✔ succeeded\n\n{\n  "ok": true\n}\n',
    );
    const cancelled: Ending = { ...done, status: 'cancelled', message: 'Your workflow was cancelled' };
    expect(shown([{ kind: 'ended', ending: cancelled }])).to.equal('■ cancelled: Your workflow was cancelled\n');
  });

  it('takes the power out of whatever a model or a name says', () => {
    const evil: StepFacts = { name: 'x\u001b[2J', index: null, kind: null };
    expect(shown([{ kind: 'output', step: evil, text: '\u001b]0;owned\u0007hi\n', restart: false }])).to.not.contain(
      '\u001b',
    );
  });
});
