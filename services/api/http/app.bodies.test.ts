import { expect } from 'chai';
import { Door } from '../../../tests/support/api/door.ts';

describe('bodies at the door', () => {
  let door: Door;

  before(async () => {
    door = await Door.open();
  });
  after(() => door.close());

  it('reads JSON and nothing else', async () => {
    const send = (type: string, extra: Record<string, string> = {}) =>
      door.http('POST', '/echo', { raw: '{"a":"é"}', headers: { 'Content-Type': type, ...extra } });
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"']) {
      expect((await send(type)).body, type).to.deep.equal({ a: 'é' });
    }
    for (const type of [
      'text/plain',
      'application/json; charset=latin1',
      'application/jsonx',
      'application/merge-patch+json',
      '',
    ]) {
      expect((await send(type)).body, type).to.include({ status: 415, code: 'unsupported_media_type' });
    }
    expect((await send('application/json', { 'Content-Encoding': 'gzip' })).body).to.include({ status: 415 });
  });

  it('refuses bodies that are not JSON', async () => {
    for (const raw of ['{"a":', '', '{"a":1}x', "{'a':1}", Buffer.from([0x22, 0xff, 0xfe, 0x22])]) {
      expect((await door.http('POST', '/echo', { raw })).body, String(raw)).to.include({
        status: 400,
        code: 'malformed_json',
      });
    }
  });

  it('takes bodies up to 64 KiB, announced or not', async () => {
    const text = (size: number) => JSON.stringify('x'.repeat(size - 2));
    expect((await door.http('POST', '/echo', { raw: text(65_536) })).status).to.equal(200);
    const chunked = { 'Transfer-Encoding': 'chunked' };
    for (const headers of [{}, chunked] as Array<Record<string, string>>) {
      const tooLarge = await door.http('POST', '/echo', { raw: text(65_537), headers });
      expect(tooLarge.body).to.include({ status: 413, code: 'body_too_large' });
    }
  });

  it('refuses JSON that is too deep or reaches for a prototype, naming the place', async () => {
    const deep = await door.http('POST', '/echo', { raw: '['.repeat(5_000) + ']'.repeat(5_000) });
    expect(deep.body.code).to.equal('validation_failed');
    expect(deep.body.errors[0].message).to.equal('Nested deeper than 32 levels.');
    const proto = await door.http('POST', '/echo', { raw: '{"payload":{"__proto__":{}}}' });
    expect(proto.body.errors).to.deep.equal([{ path: 'payload.__proto__', message: 'This name is not allowed.' }]);
  });
});
