import { expect } from 'chai';
import { Screen } from './screen.ts';
import type { ScreenOperation } from './screen-operation.ts';

const CLEAR = '\r\u001b[2K';

function open(columns: number | null) {
  let text = '';
  let now = 0;
  const screen = new Screen({
    write: (piece) => {
      text += piece;
    },
    columns: () => columns,
    now: () => now,
  });
  return {
    screen,
    put: (...operations: ScreenOperation[]) => screen.put(operations),
    at: (ms: number) => {
      now = ms;
      screen.tick();
    },
    taken: () => {
      const all = text;
      text = '';
      return all;
    },
  };
}

const status = (key: string, motion = false): ScreenOperation => ({
  kind: 'status',
  key,
  motion,
  text: (now) => `${key} ${now}`,
});
const line = (text: string, aside = false): ScreenOperation => ({ kind: 'line', text, aside });

describe('Screen', () => {
  it('writes one line for each new state where nobody looks, and no control characters', () => {
    const { screen, put, taken } = open(null);
    put(
      status('a'),
      status('a'),
      line('note', true),
      status('a'),
      status('b'),
      status('quiet', true),
      line('end'),
      status('b'),
    );
    screen.close();
    expect(taken()).to.equal('  … a 0\nnote\n  … b 0\nend\n  … b 0\n');
  });

  it('keeps one moving line at the bottom of a terminal and takes it away for what stays', () => {
    const { screen, put, at, taken } = open(40);
    put(status('a'));
    expect(taken()).to.equal(`${CLEAR}  ⠋ a 0`);
    at(100);
    expect(taken()).to.equal(`${CLEAR}  ⠙ a 100`);
    put(line('note', true));
    expect(taken()).to.equal(`${CLEAR}note\n`);
    at(200);
    expect(taken(), 'an aside does not end it').to.equal(`${CLEAR}  ⠹ a 200`);
    put(line('done'));
    expect(taken()).to.equal(`${CLEAR}done\n`);
    at(300);
    expect(taken(), 'nothing is going on any more').to.equal('');
    put(status('b'));
    taken();
    screen.close();
    expect(taken()).to.equal(CLEAR);
    screen.close();
    expect(taken()).to.equal('');
  });

  it('never lets the moving line wrap', () => {
    const { screen, put, taken } = open(16);
    put(status('a-very-long-text'));
    screen.close();
    expect(taken()).to.equal(`${CLEAR}  ⠋ a-very-lon…${CLEAR}`);
  });
});
