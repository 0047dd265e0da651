import { expect } from 'chai';
import { isLoopback, readLoadOptions } from './options.ts';

describe('what is given to make load', () => {
  it('nothing: smoke at full length against the local cluster', () => {
    expect(readLoadOptions({})).to.deep.equal({
      scenario: 'smoke',
      target: null,
      timeScale: 1,
      users: null,
      regions: [{ name: 'local', rttMs: 0 }],
      workers: 1,
      metricsPort: 0,
      keepLimits: false,
    });
  });

  it('another machine only if it is meant', () => {
    expect(() => readLoadOptions({ TARGET: 'https://weir.example.com' })).to.throw('ALLOW_REMOTE=1');
    expect(() => readLoadOptions({ TARGET: 'http://127.0.0.1.example.com' })).to.throw('ALLOW_REMOTE=1');
    const options = readLoadOptions({ TARGET: 'https://weir.example.com/', ALLOW_REMOTE: '1' });
    expect(options.target).to.equal('https://weir.example.com');
    expect(readLoadOptions({ TARGET: 'http://localhost:8080/' }).target).to.equal('http://localhost:8080');
    expect(['127.0.0.1', 'localhost', '[::1]', '10.0.0.1', '127.evil.com'].map(isLoopback)).to.deep.equal([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('wrong values are named with what would be right', () => {
    expect(() => readLoadOptions({ SCENARIO: 'pique' })).to.throw(/no scenario "pique". Known: smoke, baseline/);
    expect(() => readLoadOptions({ TIME_SCALE: '0' })).to.throw('TIME_SCALE must be a number from 0.001 to 10');
    expect(() => readLoadOptions({ USERS: '1.5' })).to.throw('USERS must be a whole number');
    expect(() => readLoadOptions({ REGIONS: 'moon' })).to.throw('Known: local, us-east, eu-west, ap-south');
    expect(() => readLoadOptions({ TARGET: 'ftp://x' })).to.throw('http or https');
  });
});
