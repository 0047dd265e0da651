import { expect } from 'chai';
import { decodeCursor, encodeCursor } from './cursor.ts';

describe('cursors', () => {
  it('come back as they went', () => {
    for (const value of [1, 42, Number.MAX_SAFE_INTEGER]) expect(decodeCursor(encodeCursor(value))).to.equal(value);
  });

  it('are refused unless this server can have made them', () => {
    const forged = ['', '!', 'abc', encodeCursor(0), encodeCursor(-1), encodeCursor(1.5), encodeCursor(2 ** 60)];
    forged.push(`${encodeCursor(7)}=`, ` ${encodeCursor(7)}`, Buffer.from('07').toString('base64url'));
    for (const cursor of forged) {
      expect(() => decodeCursor(cursor), cursor)
        .to.throw()
        .with.property('code', 'invalid_cursor');
    }
  });
});
