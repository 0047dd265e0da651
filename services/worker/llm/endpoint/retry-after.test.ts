import { expect } from 'chai';
import { readRetryAfter } from './retry-after.ts';

describe('Retry-After', () => {
  const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
  const wait = (value: string, name = 'retry-after') => readRetryAfter(new Headers({ [name]: value }), NOW);

  it('is read in seconds, as a date, and in milliseconds first', () => {
    expect(wait('2')).to.equal(2_000);
    expect(wait('0.5')).to.equal(500);
    expect(wait('Wed, 21 Oct 2026 07:28:03 GMT')).to.equal(3_000);
    expect(readRetryAfter(new Headers({ 'retry-after': '9', 'retry-after-ms': '70' }), NOW)).to.equal(70);
  });

  it('is no wait when its date is over', () => {
    expect(wait('Wed, 21 Oct 2015 07:28:00 GMT')).to.equal(0);
  });

  it('is never longer than ten minutes', () => {
    for (const huge of ['86400', '9'.repeat(400), 'Wed, 21 Oct 2099 07:28:00 GMT'])
      expect(wait(huge)).to.equal(600_000);
    expect(wait('1e99', 'retry-after-ms')).to.equal(undefined);
  });

  it('is nothing when nobody can mean it', () => {
    for (const odd of ['', '-5', 'NaN', 'Infinity', 'soon', '5 seconds', '0x10', '2026-10-21', 'Foo, bar GMT'])
      expect(wait(odd), odd).to.equal(undefined);
    expect(readRetryAfter(undefined)).to.equal(undefined);
  });
});
