import { expect } from 'chai';
import type { Logger } from '../observability/logger.ts';
import { Runner } from './runner.ts';
import type { Service } from './service.ts';

const silent: Logger = { error() {}, warn() {}, info() {}, debug() {}, child: () => silent };

function recording(name: string, journal: string[], overrides: Partial<Service> = {}): Service {
  return {
    name,
    start: async () => void journal.push(`start ${name}`),
    stop: async () => void journal.push(`stop ${name}`),
    ...overrides,
  };
}

describe('Runner', () => {
  it('starts in order and stops in reverse, once', async () => {
    const journal: string[] = [];
    const runner = new Runner([recording('a', journal), recording('b', journal)], silent);
    await runner.start();
    expect(await Promise.all([runner.stop(1_000), runner.stop(1_000)])).to.deep.equal([true, true]);
    expect(journal).to.deep.equal(['start a', 'start b', 'stop b', 'stop a']);
  });

  it('stops what had started when a start fails, and passes the error on', async () => {
    const journal: string[] = [];
    const failing = recording('b', journal, { start: () => Promise.reject(new Error('no port')) });
    const runner = new Runner([recording('a', journal), failing, recording('c', journal)], silent);
    const error = await runner.start().catch((reason: unknown) => reason);
    expect((error as Error).message).to.equal('no port');
    expect(journal).to.deep.equal(['start a', 'stop b', 'stop a']);
  });

  it('does not let one hanging service keep the others from stopping, and says so', async () => {
    const journal: string[] = [];
    const hanging = recording('b', journal, { stop: () => new Promise(() => {}) });
    const runner = new Runner([recording('a', journal), hanging], silent);
    await runner.start();
    expect(await runner.stop(20)).to.equal(false);
    expect(journal).to.deep.equal(['start a', 'start b', 'stop a']);
  });
});
