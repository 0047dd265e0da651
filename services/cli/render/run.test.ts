import { expect } from 'chai';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import { sampleRun } from '../../../tests/support/sample-run.ts';
import { renderRun, renderTriggered } from './run.ts';
import { createStyle } from './style.ts';

const style = createStyle(false);
const now = Date.parse('2026-01-01T00:01:04Z');
const render = (run: ReturnType<typeof sampleRun>) =>
  renderRun(run, { style, now, program: 'weir', width: Number.POSITIVE_INFINITY });

describe('renderRun', () => {
  it('shows times, steps and their output, and does not repeat a result that is the last output', () => {
    expect(render(sampleRun())).to.deep.equal([
      'hello  ✔ succeeded in 3.2 s',
      '',
      '  run          0198c0de-0000-7000-8000-000000000001',
      '  workflow     0198c0de-0000-7000-8000-0000000000aa',
      '  user         ada, priority normal',
      '  accepted     2026-01-01 00:00:00 UTC (1 min 04 s ago)',
      '  started      2026-01-01 00:00:01 UTC, after 1.0 s',
      '  finished     2026-01-01 00:00:04 UTC',
      '  correlation  correlation-1',
      '',
      '  ✓ 1/2 pause · delay  1.0 s',
      '  ✓ 2/2 greet · llm  2.2 s',
      '      │ Hello, world.',
    ]);
  });

  it('shows a result of its own, as JSON where it is no text', () => {
    const lines = render(sampleRun({ result: { total: 2 } }));
    expect(lines.slice(-4)).to.deep.equal(['result', '  {', '    "total": 2', '  }']);
  });

  it('says what the model used, and what that cost where it is known', () => {
    const usage = { input_tokens: 6, output_tokens: 12, cost_usd: 0.0000216 };
    expect(render(sampleRun({ usage }))).to.include('  model        6 tokens in, 12 out, $0.0000216');
    expect(render(sampleRun({ usage: { ...usage, cost_usd: 1_234.5678 } }))).to.include(
      '  model        6 tokens in, 12 out, $1,230',
    );
    expect(render(sampleRun({ usage: { ...usage, cost_usd: null } }))).to.include('  model        6 tokens in, 12 out');
  });

  it('names the failed step and the way on', () => {
    const error = { code: 'llm_timeout', reason: 'The model did not finish within 60 s.', step: 'greet' };
    const lines = render(
      sampleRun({ status: 'failed', result: null, error, attempt: 3, steps: [], payload: { topic: 'tides' } }),
    );
    expect(lines[1]).to.equal('  in step greet: The model did not finish within 60 s.');
    expect(lines).to.include('  user         ada, priority normal, attempt 3');
    expect(lines).to.include('  payload      {"topic":"tides"}');
    expect(lines.at(-1)).to.equal(
      'Go on from the last finished step: weir retry 0198c0de-0000-7000-8000-000000000001 --watch',
    );
  });

  it('never lets text of strangers reach the terminal with its power', () => {
    const lines = render(sampleRun({ workflow_name: 'a\u001b[2Jb', result: '\u001b]0;owned\u0007', steps: [] }));
    expect(lines.join('\n')).to.not.contain('\u001b');
  });
});

describe('renderTriggered', () => {
  const answer = { run_id: 'r-1', status: 'queued' as const };

  it('says the place in the queue, the warning, and what to do next', () => {
    const queue = { position: 2, estimated_wait_seconds: null, expires_at: '2026-01-01T00:06:04Z' };
    expect(
      renderTriggered({ ...answer, queue, message: 'High demand' }, 'hello', style, now, 'npx weir'),
    ).to.deep.equal([
      '✓ hello is accepted: position 2, start not known yet, waits 5 min 00 s at most',
      '  High demand',
      '  Follow it  npx weir watch r-1',
      '  Cancel it  npx weir cancel r-1',
    ]);
  });

  it('says when nothing has to be waited for', () => {
    const free = renderTriggered({ ...answer, queue: null, message: TEXTS.starting }, 'hello', style, now, 'weir');
    expect(free[0]).to.equal('✓ hello is accepted: a slot is free, it starts now');
    expect(free[1]).to.equal('  Follow it  weir watch r-1');
    const repeated = renderTriggered({ ...answer, status: 'succeeded', queue: null }, 'hello', style, now, 'weir');
    expect(repeated[0]).to.equal('✓ hello is accepted: a repeat, the run is ✔ succeeded');
  });
});
