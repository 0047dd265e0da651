import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { ownStore } from '../tests/support/own-store.ts';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { createRedisStore, type RedisStore } from './store.ts';
import { RedisUnavailable } from './unavailable.ts';

const LIFE_MS = 10_000;

describe('run marks', () => {
  let store: RedisStore;
  let prefix: string;
  let close: () => Promise<void>;

  before(async () => {
    ({ store, prefix, close } = await ownStore());
  });
  after(() => close());

  const markOf = (run: string) => store.runMarks.of(run, LIFE_MS);

  it('all who ask see the same mark until it is removed, and then another one', async () => {
    const run = randomUUID();
    const [first, ...others] = await Promise.all([markOf(run), markOf(run), markOf(run)]);
    expect(new Set([first, ...others])).to.have.property('size', 1);
    await store.runMarks.remove([randomUUID(), run]);
    expect(await markOf(run)).to.not.equal(first);
  });

  it('asking does not prolong its life', async () => {
    const run = randomUUID();
    await store.runMarks.of(run, 5_000);
    await markOf(run);
    expect(await store.connections.command.pttl(`${prefix}:{runs}:mark:${run}`)).to.be.within(4_000, 5_000);
  });

  it('a run is the same however its id is written', async () => {
    const run = randomUUID();
    const mark = await markOf(run.toUpperCase());
    expect(await markOf(run)).to.equal(mark);
    await store.runMarks.remove([run]);
    expect(await markOf(run.toUpperCase())).to.not.equal(mark);
  });

  it('without Redis there is no mark', async () => {
    const lonely = createRedisStore({ url: 'redis://127.0.0.1:1', prefix: 'none', log: recordedLog() });
    const answers = await Promise.allSettled([lonely.runMarks.of('a', LIFE_MS), lonely.runMarks.remove(['a'])]);
    await lonely.close();
    for (const answer of answers) expect(answer).to.have.property('reason').that.is.instanceOf(RedisUnavailable);
  });
});
