import { expect } from 'chai';
import type { Passing } from '../links/tcp-proxy.ts';
import { type LeaderStep, stepSpotter } from './leader-steps.ts';

const passing = (direction: Passing['direction'], text: string, connection = 1): Passing => ({
  connection,
  direction,
  bytes: Buffer.from(text),
});

const step = (fields: Partial<LeaderStep>): LeaderStep => ({
  about: '',
  store: 'redis',
  when: 'asked',
  needs: 'nothing',
  ...fields,
});

describe('a step of the leader', () => {
  it('has come when its command is sent', () => {
    const has = stepSpotter(step({ sends: 'abc' }));
    expect(has(passing('asked', 'evalsha def'))).to.equal(false);
    expect(has(passing('answered', 'abc'))).to.equal(false);
    expect(has(passing('asked', 'evalsha abc 3'))).to.equal(true);
  });

  it('has come when the answer comes on the same connection, unless the script was not known', () => {
    const has = stepSpotter(step({ sends: 'abc', when: 'answered' }));
    expect(has(passing('answered', ':1'))).to.equal(false);
    expect(has(passing('asked', 'evalsha abc 3'))).to.equal(false);
    expect(has(passing('answered', ':1', 2))).to.equal(false);
    expect(has(passing('answered', '-NOSCRIPT'))).to.equal(false);
    expect(has(passing('answered', ':1'))).to.equal(false);
    expect(has(passing('asked', 'evalsha abc 3'))).to.equal(false);
    expect(has(passing('answered', ':1'))).to.equal(true);
  });

  it('has come when it is told something', () => {
    const has = stepSpotter(step({ heard: ':wake\r\n', when: 'answered' }));
    expect(has(passing('asked', 'subscribe x:wake\r\n'))).to.equal(false);
    expect(has(passing('answered', 'message\r\n$4\r\nx:wake\r\n'))).to.equal(true);
  });
});
