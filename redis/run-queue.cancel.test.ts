import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';

describe('cancelling', () => {
  let store: OwnClockedStore;

  before(async () => {
    store = await ownClockedStore();
  });
  beforeEach(() => store.reset());
  after(() => store.close());
  const { signal } = new AbortController();

  it('a waiting run leaves the queue and those behind it move up', async () => {
    await store.reset({ max_workflows: 0 });
    await store.queue.admit([store.entry(1), store.entry(2)]);
    expect(await store.queue.cancel('run-1')).to.deep.equal({ kind: 'removed_from_queue' });
    expect(await store.queue.positions(['run-2'])).to.have.nested.property('[0].position', 1);
    expect(await store.queue.cancel('run-1')).to.deep.equal({ kind: 'unknown' });
  });

  it('a run that no worker has taken yet frees its slot at once', async () => {
    await store.reset({ max_workflows: 1 });
    await store.queue.admit([store.entry(1), store.entry(2)]);
    expect(await store.queue.cancel('run-1')).to.deep.equal({ kind: 'removed_from_queue' });
    expect(await store.queue.dequeue(1, 10)).to.deep.include({ granted: [{ runId: 'run-2', userId: 'ann' }] });
    expect((await store.slots.take(1, signal))[0]).to.include({ runId: 'run-2' });
  });

  it('a run that a worker has keeps its slot until the worker, told at once and at each renewal, has stopped', async () => {
    await store.reset({ max_workflows: 1 });
    await store.queue.admit([store.entry(1), store.entry(2)]);
    await store.slots.take(1, signal);
    await store.slots.renew([{ runId: 'run-1', attempt: 1 }]);
    const told = new Promise((resolve) => store.channels.onControl(resolve));
    expect(await store.queue.cancel('run-1')).to.deep.equal({ kind: 'running_told' });
    expect(await told).to.deep.equal({ kind: 'cancel', runId: 'run-1' });
    expect(await store.slots.renew([{ runId: 'run-1', attempt: 1 }])).to.deep.equal(['cancelled']);
    expect(await store.queue.dequeue(1, 10)).to.deep.include({ granted: [] });
    await store.slots.release([{ runId: 'run-1', attempt: 1, sample: null }]);
    expect((await store.slots.take(1, signal))[0]).to.include({ runId: 'run-2' });
  });

  it('a cancelled run of a dead worker is not rescued; its slot is free one lease later', async () => {
    await store.reset({ max_workflows: 1 });
    await store.queue.admit([store.entry(1), store.entry(2)]);
    await store.slots.take(1, signal);
    await store.queue.cancel('run-1');
    await store.clock.advance(15_000);
    expect(await store.slots.rescue(1)).to.deep.equal({ kind: 'rescued', runIds: [] });
    expect(await store.queue.dequeue(1, 10)).to.deep.include({ granted: [{ runId: 'run-2', userId: 'ann' }] });
  });
});
