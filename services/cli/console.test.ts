import { expect } from 'chai';
import { Console } from './console.ts';

function open(stdout: { isTTY?: boolean; columns?: number }, environment: NodeJS.ProcessEnv = {}, json = false) {
  const text = { out: '', err: '' };
  const console = new Console({
    stdout: { ...stdout, write: (piece) => (text.out += piece) },
    stderr: { write: (piece) => (text.err += piece) },
    environment,
    json,
  });
  return { console, text };
}

describe('Console', () => {
  it('uses colours on a terminal only, and not where NO_COLOR or a dumb terminal forbids them', () => {
    const red = (stdout: { isTTY?: boolean }, environment: NodeJS.ProcessEnv = {}) =>
      open(stdout, environment).console.style.red('x');
    expect(red({ isTTY: true })).to.equal('\u001b[31mx\u001b[39m');
    expect(red({ isTTY: true }, { NO_COLOR: '' }), 'an empty NO_COLOR does not count').to.contain('\u001b');
    expect(red({ isTTY: true }, { NO_COLOR: '1' })).to.equal('x');
    expect(red({ isTTY: true }, { TERM: 'dumb' })).to.equal('x');
    expect(red({})).to.equal('x');
  });

  it('knows the width of a terminal that can move its cursor, and of nothing else', () => {
    expect(open({ isTTY: true, columns: 100 }).console.columns()).to.equal(100);
    expect(open({ isTTY: true, columns: 0 }).console.columns()).to.equal(80);
    expect(open({ isTTY: true, columns: 100 }, { NO_COLOR: '1' }).console.columns()).to.equal(100);
    expect(open({ isTTY: true, columns: 100 }, { TERM: 'dumb' }).console.columns()).to.equal(null);
    expect(open({ columns: 100 }).console.columns()).to.equal(null);
  });

  it('keeps standard output to one document with --json, and remarks away from it', () => {
    const scripts = open({}, {}, true);
    scripts.console.answer({ a: [1] }, () => ['for people']);
    scripts.console.note(['a remark']);
    expect(scripts.text).to.deep.equal({ out: '{"a":[1]}\n', err: 'a remark\n' });
    const people = open({});
    people.console.answer({ a: 1 }, () => ['one', 'two']);
    people.console.print([]);
    expect(people.text.out).to.equal('one\ntwo\n');
  });
});
