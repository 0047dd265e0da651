import { expect } from 'chai';
import { canonicalJson, jsonDigest } from './canonical-json.ts';

describe('canonical JSON', () => {
  it('does not depend on the order of keys, at any depth', () => {
    const one = { b: [1, { y: null, x: 'é' }], a: 1.5 };
    const other = { a: 1.5, b: [1, { x: 'é', y: null }] };
    expect(canonicalJson(one)).to.equal('{"a":1.5,"b":[1,{"x":"é","y":null}]}');
    expect(jsonDigest(one)).to.equal(jsonDigest(other));
  });

  it('tells different values apart', () => {
    const values = [
      {},
      [],
      null,
      0,
      '0',
      { a: 1 },
      { a: '1' },
      { a: [1] },
      [[1], 2],
      [1, [2]],
      { 'a":1,"b': 2 },
      { a: 1, b: 2 },
    ];
    expect(new Set(values.map(jsonDigest)).size).to.equal(values.length);
  });
});
