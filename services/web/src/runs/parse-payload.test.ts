import { expect } from 'chai';
import { parsePayload } from './parse-payload.ts';

describe('a payload as it is typed', () => {
  it('is an empty object when nothing is there', () => {
    expect(parsePayload('  \n')).to.deep.equal({ kind: 'right', value: {} });
  });

  it('is taken as it stands when it is a JSON object', () => {
    expect(parsePayload('{"a": [1, null]}')).to.deep.equal({ kind: 'right', value: { a: [1, null] } });
  });

  it('is refused with a sentence when it is no JSON, or no object', () => {
    expect(parsePayload('{"a":'))
      .to.have.property('why')
      .that.matches(/^This is not JSON: /);
    for (const text of ['[]', '1', 'null', '"text"'])
      expect(parsePayload(text), text)
        .to.have.property('why')
        .that.matches(/^A payload is an object/);
  });
});
