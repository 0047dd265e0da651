import { expect } from 'chai';
import { StreamWrapper } from './wrap.ts';

function write(pieces: string[], width: number): string {
  const wrapper = new StreamWrapper('| ', width);
  return pieces.map((piece) => wrapper.feed(piece)).join('') + wrapper.end();
}

describe('StreamWrapper', () => {
  const text = 'the quick brown fox\njumps over\n\nthe lazy dog';

  it('gives the same lines however the text was cut into pieces', () => {
    const whole = write([text], 12);
    expect(whole).to.equal('| the quick\n| brown fox\n| jumps over\n|\n| the lazy dog\n');
    for (const size of [1, 2, 3, 7]) {
      expect(write(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [], 12), `pieces of ${size}`).to.equal(whole);
    }
  });

  it('breaks nothing where nobody looks, and keeps indentation', () => {
    expect(write(['a b  c\n    d'], Number.POSITIVE_INFINITY)).to.equal('| a b  c\n|     d\n');
  });

  it('leaves a word that is longer than a line in one piece', () => {
    expect(write(['a abcdefghijklmno b'], 5)).to.equal('| a\n| abcdefghijklmno\n| b\n');
  });

  it('writes nothing for nothing, and does not end a line twice', () => {
    expect(write([], 10)).to.equal('');
    expect(write(['a\n'], 10)).to.equal('| a\n');
  });
});
