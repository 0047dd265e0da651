import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import { until } from '../tests/support/until.ts';

describe('taking ready runs', () => {
  let store: OwnClockedStore;

  before(async () => {
    store = await ownClockedStore();
  });
  beforeEach(() => store.reset());
  after(() => store.close());
  const blocked = async () => (await store.connections.command.info('clients')).includes('blocked_clients:0') === false;
  const untilBlocked = () => until(blocked, { timeoutMs: 5_000, what: 'a worker that waits' });

  it('answers the runs in the order of their grants, with all a worker needs', async () => {
    await store.queue.admit([store.entry(1), store.entry(2, { attemptFloor: 2 })]);
    const { signal } = new AbortController();
    expect(await store.slots.take(1, signal)).to.deep.equal({
      runId: 'run-1',
      attemptFloor: 0,
      grantedAt: store.clock.now,
      grantNo: 1,
    });
    expect(await store.slots.take(1, signal)).to.deep.equal({
      runId: 'run-2',
      attemptFloor: 2,
      grantedAt: store.clock.now,
      grantNo: 2,
    });
  });

  it('waits for a run', async () => {
    const taken = store.slots.take(5, new AbortController().signal);
    await untilBlocked();
    await store.queue.admit([store.entry(1)]);
    expect(await taken).to.include({ runId: 'run-1' });
  });

  it('answers null when none comes in time', async () => {
    expect(await store.slots.take(0.01, new AbortController().signal)).to.equal(null);
  });

  it('ends at once when aborted, before, while sending and while waiting', async () => {
    const aborted = AbortSignal.abort();
    expect(await store.slots.take(5, aborted)).to.equal(null);
    for (const wait of [async () => {}, untilBlocked]) {
      const abort = new AbortController();
      const taken = store.slots.take(5, abort.signal);
      await wait();
      const start = performance.now();
      abort.abort();
      expect(await taken).to.equal(null);
      expect(performance.now() - start, 'ms, of the 5 s it would wait').to.be.lessThan(4_000);
    }
    expect(await store.slots.take(0.01, new AbortController().signal), 'the next wait is its own').to.equal(null);
  });

  it('no run is lost when the abort meets it, wherever they meet', async () => {
    let handedBack = 0;
    for (let seq = 1; seq <= 60; seq++) {
      await store.reset();
      const abort = new AbortController();
      const taken = store.slots.take(5, abort.signal);
      if (seq % 2) await untilBlocked();
      const admitted = store.queue.admit([store.entry(seq)]);
      // Sooner and later, so that all orders of the two messages occur.
      for (let turns = seq % 10; turns > 0; turns--) await new Promise(setImmediate);
      abort.abort();
      const run = await taken;
      await admitted;
      if (run === null) handedBack++;
      const again = run ?? (await store.slots.take(1, new AbortController().signal));
      expect(again).to.include({ runId: `run-${seq}`, attemptFloor: 0 });
      expect(await store.slots.renew([{ runId: `run-${seq}`, attempt: 1 }])).to.deep.equal(['held']);
    }
    expect(handedBack, 'the race was run').to.be.greaterThan(0);
  });
});
