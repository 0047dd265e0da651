import { expect } from 'chai';
import { randomIds, sampleOf } from './trace-ids.ts';

describe('ids of traces', () => {
  it('have the digits they should have and are all different, also beyond those drawn at a time', () => {
    const next = randomIds(16);
    const ids = Array.from({ length: 10_000 }, next);
    for (const id of ids) expect(id).to.match(/^[0-9a-f]{32}$/);
    expect(new Set(ids)).to.have.property('size', ids.length);
    expect(randomIds(8)()).to.match(/^[0-9a-f]{16}$/);
  });

  it('have every digit in every place', () => {
    const next = randomIds(8);
    const ids = Array.from({ length: 2_000 }, next);
    for (let place = 0; place < 16; place++) expect(new Set(ids.map((id) => id[place]))).to.have.property('size', 16);
  });
});

describe('a sample of traces', () => {
  const ids = Array.from({ length: 20_000 }, randomIds(16));
  const shareIn = (ratio: number) => ids.filter(sampleOf(ratio)).length / ids.length;

  it('has the share of its ratio', () => {
    expect(shareIn(0.1)).to.be.closeTo(0.1, 0.02);
    expect(shareIn(0.5)).to.be.closeTo(0.5, 0.02);
  });

  it('of 0 has none, of 1 all', () => {
    expect(shareIn(0)).to.equal(0);
    expect(shareIn(1)).to.equal(1);
  });

  it('of a smaller ratio is a part of that of a larger one', () => {
    const [small, large] = [sampleOf(0.1), sampleOf(0.2)];
    expect(ids.filter((id) => small(id) && !large(id))).to.deep.equal([]);
  });

  it('is decided by the last 56 bits, of which the highest belong to it', () => {
    const inTenth = sampleOf(0.1);
    const start = '0123456789abcdef01';
    expect(inTenth(`${start}e6666667000000`)).to.equal(true);
    expect(inTenth(`${start}e6666665ffffff`)).to.equal(false);
    expect(inTenth(`ffffffffffffffffff00000000000000`)).to.equal(false);
  });
});
