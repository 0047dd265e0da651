import { expect } from 'chai';
import { CallPace } from './call-pace.ts';

describe('the pace of calls that one replica keeps alone', () => {
  it('spaces calls evenly', () => {
    const pace = new CallPace(30);
    expect([0, 0, 0].map((now) => pace.reserve(now))).to.deep.equal([0, 2_000, 4_000]);
    expect(pace.reserve(7_000)).to.equal(0);
    expect(pace.reserve(7_000)).to.equal(1_000 + 1_000);
  });

  it('lets a second’s worth through at once', () => {
    const pace = new CallPace(600);
    expect(Array.from({ length: 12 }, () => pace.reserve(0))).to.deep.equal([...Array(10).fill(0), 100, 200]);
  });

  it('books nothing beyond a minute', () => {
    const pace = new CallPace(60);
    for (let call = 0; call < 100; call++) pace.reserve(0);
    expect(pace.reserve(0)).to.equal(60_000);
    expect(pace.reserve(0)).to.equal(60_000);
    expect(pace.reserve(1)).to.equal(59_999);
    expect(pace.reserve(61_500)).to.be.at.most(1_000);
  });
});
