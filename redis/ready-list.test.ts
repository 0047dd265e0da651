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
    expect((await store.slots.take(1, signal))[0]).to.deep.equal({
      runId: 'run-1',
      attemptFloor: 0,
      grantedAt: store.clock.now,
      grantNo: 1,
    });
    expect((await store.slots.take(1, signal))[0]).to.deep.equal({
      runId: 'run-2',
      attemptFloor: 2,
      grantedAt: store.clock.now,
      grantNo: 2,
    });
  });

  it('answers several together when asked for them, at most so many as there are', async () => {
    await store.queue.admit([1, 2, 3, 4, 5].map((seq) => store.entry(seq)));
    const { signal } = new AbortController();
    const taken = async (max: number) => (await store.slots.take(1, signal, max)).map((run) => run.runId);
    expect(await taken(2)).to.deep.equal(['run-1', 'run-2']);
    expect(await taken(16)).to.deep.equal(['run-3', 'run-4', 'run-5']);
  });

  it('hands several back in their order when the abort meets them', async () => {
    let handedBack = 0;
    for (let time = 0; time < 20; time++) {
      await store.reset();
      const abort = new AbortController();
      const taken = store.slots.take(5, abort.signal, 16);
      await untilBlocked();
      const admitted = store.queue.admit([1, 2, 3].map((seq) => store.entry(seq)));
      for (let turns = time % 5; turns > 0; turns--) await new Promise(setImmediate);
      abort.abort();
      const runs = await taken;
      await admitted;
      if (runs.length === 0) handedBack++;
      const again = runs.length > 0 ? runs : await store.slots.take(1, new AbortController().signal, 16);
      expect(again.map((run) => run.runId)).to.deep.equal(['run-1', 'run-2', 'run-3']);
    }
    expect(handedBack, 'the race was run').to.be.greaterThan(0);
  });

  it('waits for a run', async () => {
    const taken = store.slots.take(5, new AbortController().signal);
    await untilBlocked();
    await store.queue.admit([store.entry(1)]);
    expect((await taken)[0]).to.include({ runId: 'run-1' });
  });

  it('answers none when none comes in time', async () => {
    expect(await store.slots.take(0.01, new AbortController().signal)).to.deep.equal([]);
  });

  it('ends at once when aborted, before, while sending and while waiting', async () => {
    const aborted = AbortSignal.abort();
    expect(await store.slots.take(5, aborted)).to.deep.equal([]);
    for (const wait of [async () => {}, untilBlocked]) {
      const abort = new AbortController();
      const taken = store.slots.take(5, abort.signal);
      await wait();
      const start = performance.now();
      abort.abort();
      expect(await taken).to.deep.equal([]);
      expect(performance.now() - start, 'ms, of the 5 s it would wait').to.be.lessThan(4_000);
    }
    expect(await store.slots.take(0.01, new AbortController().signal), 'the next wait is its own').to.deep.equal([]);
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
      const [run] = await taken;
      await admitted;
      if (run === undefined) handedBack++;
      const [again] = run ? [run] : await store.slots.take(1, new AbortController().signal);
      expect(again).to.include({ runId: `run-${seq}`, attemptFloor: 0 });
      expect(await store.slots.renew([{ runId: `run-${seq}`, attempt: 1 }])).to.deep.equal(['held']);
    }
    expect(handedBack, 'the race was run').to.be.greaterThan(0);
  });
});
