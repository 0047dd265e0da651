import { expect } from 'chai';
import { RedisUnavailable } from './unavailable.ts';

const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

describe('RedisUnavailable', () => {
  it('is what broken connections, timeouts and a server that cannot serve now become, with the cause', () => {
    const causes = [
      new Error('Connection is closed.'),
      new Error('Command timed out'),
      reply('LOADING Redis is loading the dataset in memory'),
      reply('OOM command not allowed'),
    ];
    for (const cause of causes)
      expect(RedisUnavailable.from(cause)).to.be.instanceOf(RedisUnavailable).and.have.property('cause', cause);
  });

  it('faults of ours stay what they are', () => {
    const faults = [
      reply('ERR value is not an integer'),
      reply('WRONGTYPE Operation against a key'),
      new TypeError('x is not a function'),
    ];
    for (const fault of faults) expect(RedisUnavailable.from(fault)).to.equal(fault);
  });
});
