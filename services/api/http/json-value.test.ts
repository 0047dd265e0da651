import { expect } from 'chai';
import { jsonFault } from './json-value.ts';

const fault = (text: string) => jsonFault(JSON.parse(text), text.includes('\\u'));

describe('jsonFault', () => {
  it('lets ordinary JSON through, with every kind of value and a constructor', () => {
    expect(
      fault('{"a":[1,-2.5e3,"x",true,null,{}],"constructor":"ACME","é":"\\u00e9","😀":"\\ud83d\\ude00"}'),
    ).to.equal(null);
  });

  it('lets a payload be 32 levels deep and no deeper', () => {
    const nested = (levels: number) => `{"payload":${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}}`;
    expect(fault(nested(32))).to.equal(null);
    expect(fault(nested(33))).to.deep.equal({
      path: `payload${'.a'.repeat(32)}`,
      message: 'Nested deeper than 32 levels.',
    });
  });

  it('does not overflow the stack on sixty thousand brackets', () => {
    expect(fault('['.repeat(30_000) + ']'.repeat(30_000))?.message).to.equal('Nested deeper than 32 levels.');
  });

  it('refuses keys that lead to a prototype, and names them', () => {
    expect(fault('{"payload":{"__proto__":{"admin":true}}}')?.path).to.equal('payload.__proto__');
    expect(fault('{"a":[{"constructor":{"prototype":{}}}]}')?.path).to.equal('a.0.constructor');
    expect(fault('{"\\u005f_proto__":1}')?.path).to.equal('__proto__');
  });

  it('refuses numbers that would be stored as null', () => {
    expect(fault('{"n":1e400}')).to.deep.equal({ path: 'n', message: 'This number is too large.' });
  });

  it('refuses what Postgres cannot store, in values and in keys', () => {
    for (const text of ['{"a":"x\\u0000y"}', '{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}'])
      expect(fault(text)?.path).to.equal('a');
    expect(fault('{"a\\u0000":1}')?.message).to.match(/cannot be stored/);
  });

  it('cuts long paths', () => {
    const path = fault(`{"${'k'.repeat(5_000)}":1e999}`)?.path ?? '';
    expect(path).to.have.length(201);
  });
});
