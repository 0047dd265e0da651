import { expect } from 'chai';
import { renderQueue } from './queue.ts';
import { createStyle } from './style.ts';

const style = createStyle(false);
const now = Date.parse('2026-01-01T00:00:30Z');
const entry = {
  run_id: 'run-1',
  workflow_id: 'workflow-1',
  workflow_name: 'hello',
  user_id: 'ada',
  priority: 'high' as const,
  accepted_at: '2026-01-01T00:00:00.000Z',
  position: 4,
  estimated_wait_seconds: 12,
  expires_at: '2026-01-01T00:05:00.000Z',
};

describe('renderQueue', () => {
  it('shows own places among all', () => {
    expect(renderQueue({ length: 7, items: [entry], next_cursor: null }, style, now, false)).to.deep.equal([
      '7 waiting in the cluster, 1 of them yours.',
      '',
      'PLACE  RUN    WORKFLOW  PRIORITY  ACCEPTED  STARTS IN   WAITS AT MOST',
      '    4  run-1  hello     high      30 s ago  about 12 s  4 min 30 s',
    ]);
  });

  it('shows everybody, and says when that is only the beginning', () => {
    const lines = renderQueue(
      { length: 900, items: [{ ...entry, position: null, estimated_wait_seconds: null }], next_cursor: 'p1' },
      style,
      now,
      true,
    );
    expect(lines[0]).to.equal('900 waiting, 1 of them here:');
    expect(lines[3]).to.match(/^ {4}\? .* not known yet .* ada$/);
    expect(lines.at(-1)).to.equal('Those behind: add --cursor p1');
  });

  it('has a sentence for every kind of nothing', () => {
    const say = (length: number | null, everybody = false) =>
      renderQueue({ length, items: [], next_cursor: null }, style, now, everybody);
    expect(say(0)).to.deep.equal(['Nobody is waiting.']);
    expect(say(1)).to.deep.equal(['You have no run waiting; 1 of others is.']);
    expect(say(5)).to.deep.equal(['You have no run waiting; 5 of others are.']);
    expect(say(null)).to.deep.equal(['The queue cannot be read right now.']);
  });
});
