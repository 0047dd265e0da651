import { expect } from 'chai';
import { printable, printableLine } from './printable.ts';

describe('printable', () => {
  it('takes the power out of escape sequences and direction marks, and keeps lines, tabs and every script', () => {
    expect(printable('a\u001b[2Jb\u0007\u009b31mc')).to.equal('a[2Jb31mc');
    expect(printable('user\u202egnp.exe')).to.equal('usergnp.exe');
    expect(printable('one\r\ntwo\tthree\rfour')).to.equal('one\ntwo\tthree\nfour');
    expect(printable('Grüße 你好 🌊 עברית')).to.equal('Grüße 你好 🌊 עברית');
  });

  it('makes one line of many and shortens it by characters, not by halves of them', () => {
    expect(printableLine(' a\n\n b ')).to.equal('a b');
    expect(printableLine('🌊🌊🌊🌊', 3)).to.equal('🌊🌊…');
    expect(printableLine('abc', 3)).to.equal('abc');
  });
});
