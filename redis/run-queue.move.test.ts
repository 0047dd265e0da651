import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';

describe('another place in the queue', () => {
  let store: OwnClockedStore;

  before(async () => {
    store = await ownClockedStore();
  });
  beforeEach(async () => {
    await store.reset({ max_workflows: 0, queue_max_per_user: 100 });
    await store.queue.admit([1, 2, 3].map((seq) => store.entry(seq)));
  });
  after(() => store.close());

  const move = (seq: number, priority: 'high' | 'normal' | 'low') =>
    store.queue.move({ runId: `run-${seq}`, acceptedAt: store.entry(seq).acceptedAt, priority });
  const order = () => store.queue.listQueued(0, 10);

  it('is where a run of that priority would have been from the beginning, and others keep their order', async () => {
    const deadlines = await store.queue.positions(['run-3']);
    expect(await move(3, 'high')).to.deep.equal({ kind: 'moved' });
    expect(await order()).to.deep.equal(['run-3', 'run-1', 'run-2']);
    await move(1, 'low');
    expect(await order()).to.deep.equal(['run-3', 'run-2', 'run-1']);
    await move(3, 'normal');
    await move(1, 'normal');
    expect(await order()).to.deep.equal(['run-1', 'run-2', 'run-3']);
    expect(await store.queue.positions(['run-3'])).to.deep.equal(deadlines);
  });

  it('is the order in which they start', async () => {
    await move(3, 'high');
    await store.connections.command.hset(`${store.prefix}:{cap}:limits`, 'max_workflows', 1);
    const dequeued = await store.queue.dequeue(1, 100);
    expect(dequeued.kind === 'dequeued' && dequeued.granted.map(({ runId }) => runId)).to.deep.equal(['run-3']);
    expect(await move(3, 'low'), 'it has a slot').to.deep.equal({ kind: 'unknown' });
    expect(await order()).to.deep.equal(['run-1', 'run-2']);
  });

  it('brings nothing into the queue that does not wait, and waits for a rebuild', async () => {
    expect(await move(9, 'high')).to.deep.equal({ kind: 'unknown' });
    await store.queue.cancel('run-2');
    await move(2, 'high');
    expect(await order()).to.deep.equal(['run-1', 'run-3']);
    await store.rebuild.begin(2);
    expect(await move(1, 'high')).to.deep.equal({ kind: 'rebuilding' });
  });
});
