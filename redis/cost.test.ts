import { expect } from 'chai';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../tests/support/redis.ts';
import { type ClockedStore, clockedStore } from './clocked-store.ts';

/** A server of its own: its statistics are read. Counts commands, which are the same on every machine; times are benchmarked elsewhere. */
describe('cost of admission in Redis commands', () => {
  let server: PrivateRedis;
  let store: ClockedStore;

  before(async () => {
    server = await startRedis({ durable: false });
    store = await clockedStore({ url: server.url, prefix: 'test', log: recordedLog() });
  });
  after(async () => {
    await store.close();
    await server.stop();
  });

  /** Commands one admission of runs `from` to `to` makes inside Redis. */
  async function commands(from: number, to: number): Promise<number> {
    const { command } = store.connections;
    const entries = Array.from({ length: to - from + 1 }, (_, index) => store.entry(from + index));
    await command.config('RESETSTAT');
    await store.queue.admit(entries);
    const lines = (await command.info('commandstats')).matchAll(/^cmdstat_(\w+).*?calls=(\d+)/gm);
    return [...lines]
      .filter(([, name]) => !/^(eval|config|info|ping)/.test(name ?? ''))
      .reduce((sum, [, , calls]) => sum + Number(calls), 0);
  }

  it('is the same for a batch of 10 and of 1000 that start', async () => {
    await store.reset({ max_workflows: 10_000 });
    const ten = await commands(1, 10);
    expect(await commands(11, 1_010)).to.equal(ten);
    expect(ten).to.be.lessThan(15);
  });

  it('is the same for a batch of 10 and of 1000 that queue, whether 10 or 10,000 wait already', async () => {
    await store.reset({ max_workflows: 0, queue_max: 100_000, queue_max_per_user: 100_000 });
    await commands(1, 10);
    const ten = await commands(11, 20);
    for (let from = 21; from < 10_000; from += 1_000) expect(await commands(from, from + 999)).to.equal(ten);
    expect(await commands(20_001, 20_010)).to.equal(ten);
    expect(ten).to.be.lessThan(18);
  });
});
