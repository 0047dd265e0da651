import { expect } from 'chai';
import { sampleRun } from '../../../tests/support/sample-run.ts';
import { renderRuns } from './runs.ts';
import { createStyle } from './style.ts';

const options = {
  style: createStyle(false),
  now: Date.parse('2026-01-01T00:00:30Z'),
  showUser: false,
  filtered: false,
  program: 'weir',
};

describe('renderRuns', () => {
  it('shows one line a run, under a heading, and how to see older ones', () => {
    const items = [sampleRun({ status: 'queued', current_step: 0 }), sampleRun({ status: 'timed_out' })];
    expect(renderRuns({ items, next_cursor: 'abc' }, options)).to.deep.equal([
      'RUN                                   STATUS       WORKFLOW  STEPS  PRIORITY  ACCEPTED',
      '0198c0de-0000-7000-8000-000000000001  ○ queued     hello     0/2    normal    30 s ago',
      '0198c0de-0000-7000-8000-000000000001  ✘ timed out  hello     2/2    normal    30 s ago',
      '',
      'Older ones: add --cursor abc',
    ]);
  });

  it('shows owners to those who see everybody', () => {
    const [header, row] = renderRuns({ items: [sampleRun()], next_cursor: null }, { ...options, showUser: true });
    expect(header).to.match(/ {2}USER$/);
    expect(row).to.match(/ {2}ada$/);
  });

  it('says what to do when there is nothing yet, but not when only nothing matched', () => {
    const none = { items: [], next_cursor: null };
    expect(renderRuns(none, options)).to.deep.equal(['No runs yet. Start one: weir run examples/hello.json --watch']);
    expect(renderRuns(none, { ...options, filtered: true })).to.deep.equal(['No such runs.']);
  });
});
