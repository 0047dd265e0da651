import { expect } from 'chai';
import { createLogger } from './logger.ts';

describe('a logger', () => {
  it('does not put a line together that its level hides, nor does its child', () => {
    let lookedAt = 0;
    const fields = {
      get looked() {
        return ++lookedAt;
      },
    };
    const log = createLogger({ level: 'error', fields: {} });
    for (const each of [log, log.child({ run_id: 'one' })]) {
      each.debug('hidden', fields);
      each.info('hidden', fields);
      each.warn('hidden', fields);
    }
    expect(lookedAt).to.equal(0);
  });
});
