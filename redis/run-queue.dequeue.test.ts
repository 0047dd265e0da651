import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import type { Dequeued } from './results.ts';

describe('the way out of the queue', () => {
  let store: OwnClockedStore;

  before(async () => {
    store = await ownClockedStore();
  });
  beforeEach(() => store.reset());
  after(() => store.close());
  const EPOCH = 1;
  const dequeue = async (max = 100) => (await store.queue.dequeue(EPOCH, max)) as Dequeued;
  const granted = (dequeued: Dequeued) => dequeued.granted.map(({ runId }) => runId);
  const expired = (dequeued: Dequeued) => dequeued.expired.map(({ runId }) => runId);
  const raiseLevel = () =>
    store.users.join(
      'r1',
      Array.from({ length: 20 }, (_, index) => `user-${index}`),
    );

  /** Fills the queue with runs 1 to `count` while there is no slot, then opens `slots`. */
  async function waiting(count: number, slots: number): Promise<void> {
    await store.reset({ max_workflows: 0, queue_max_per_user: 100 });
    await store.queue.admit(Array.from({ length: count }, (_, index) => store.entry(index + 1)));
    await store.connections.command.hset(`${store.prefix}:{cap}:limits`, 'max_workflows', slots);
  }

  it('gives free slots to those who are first, in order, and never more than there are', async () => {
    await waiting(5, 2);
    const first = await dequeue();
    expect(first).to.deep.include({ expired: [], queueLength: 3, freeSlots: 0 });
    expect(first.granted).to.deep.equal([
      { runId: 'run-1', userId: 'ann' },
      { runId: 'run-2', userId: 'ann' },
    ]);
    expect(granted(await dequeue())).to.deep.equal([]);
  });

  it('grants carry on the numbers of admission', async () => {
    await store.reset({ max_workflows: 1 });
    await store.queue.admit([store.entry(1), store.entry(2, { attemptFloor: 4 })]);
    await store.slots.release([{ runId: 'run-1', attempt: 1, sample: null }]);
    await dequeue();
    const signal = new AbortController().signal;
    expect((await store.slots.take(1, signal))[0], 'released before anybody took it').to.include({
      runId: 'run-2',
      attemptFloor: 4,
      grantNo: 2,
    });
  });

  it('a lowered limit starts nobody until enough slots are free', async () => {
    await waiting(4, 2);
    await dequeue();
    await store.connections.command.hset(`${store.prefix}:{cap}:limits`, 'max_workflows', 1);
    await store.slots.release([{ runId: 'run-1', attempt: 1, sample: null }]);
    expect(await dequeue()).to.deep.include({ granted: [], queueLength: 2, freeSlots: 0 });
    await store.slots.release([{ runId: 'run-2', attempt: 1, sample: null }]);
    expect(await store.queue.listQueued(0, 10)).to.deep.equal(['run-4']);
  });

  it('a run whose wait is over expires and does not start, although a slot is free', async () => {
    await waiting(2, 0);
    await store.queue.admit([store.entry(3, { expiresAt: store.clock.now + 400_000 })]);
    await store.clock.advance(299_999);
    expect(await dequeue()).to.deep.include({ expired: [], nextInMs: 1 });
    await store.connections.command.hset(`${store.prefix}:{cap}:limits`, 'max_workflows', 1);
    await store.clock.advance(1);
    const dequeued = await dequeue();
    expect(expired(dequeued)).to.deep.equal(['run-1', 'run-2']);
    expect(granted(dequeued)).to.deep.equal(['run-3']);
    expect(await store.queue.cancel('run-1'), 'forgotten').to.deep.equal({ kind: 'unknown' });
  });

  it('expiry and start never meet, however small the batches', async () => {
    await waiting(5, 10);
    await store.clock.advance(300_000);
    await store.queue.admit([store.entry(6)]);
    const rounds = [await dequeue(2), await dequeue(2), await dequeue(2)];
    expect(rounds.map(expired)).to.deep.equal([['run-1', 'run-2'], ['run-3', 'run-4'], ['run-5']]);
    expect(rounds.map(granted)).to.deep.equal([[], [], ['run-6']]);
    expect(rounds.map(({ nextInMs }) => nextInMs)).to.deep.equal([0, 0, null]);
  });

  it('an expired run no longer counts against its user', async () => {
    await store.reset({ max_workflows: 0, queue_max_per_user: 1 });
    await store.queue.admit([store.entry(1)]);
    await store.clock.advance(300_000);
    await dequeue();
    expect(await store.queue.admit([store.entry(2)])).to.have.nested.property('results[0].kind', 'queued');
  });

  it('full batches ask for another call at once', async () => {
    await waiting(5, 10);
    const first = await dequeue(2);
    expect(granted(first)).to.deep.equal(['run-1', 'run-2']);
    expect(first.nextInMs).to.equal(0);
    await dequeue(2);
    expect(await dequeue(2)).to.deep.include({ queueLength: 0, nextInMs: null });
  });

  it('drains at elevated as well, but no faster than the pace', async () => {
    await waiting(30, 100);
    await raiseLevel();
    const burst = await dequeue();
    expect(granted(burst), 'two tenths of a second worth').to.have.length(2);
    expect(burst.nextInMs).to.equal(100);
    let started = 0;
    for (let tenth = 0; tenth < 10; tenth++) {
      await store.clock.advance(99);
      started += granted(await dequeue()).length;
      await store.clock.advance(1);
      started += granted(await dequeue()).length;
    }
    expect(started).to.equal(10);
  });

  it('a late call makes up for what it missed, up to the burst', async () => {
    await waiting(30, 100);
    await raiseLevel();
    await dequeue();
    await store.clock.advance(150);
    expect(granted(await dequeue())).to.have.length(1);
    await store.clock.advance(50);
    expect(granted(await dequeue())).to.have.length(1);
    await store.clock.advance(10_000);
    expect(granted(await dequeue())).to.have.length(2);
  });

  it('at normal there is no pace', async () => {
    await waiting(30, 100);
    expect(granted(await dequeue())).to.have.length(30);
  });

  it('an earlier leader can neither start nor expire anything', async () => {
    await waiting(1, 1);
    await store.queue.dequeue(5, 1);
    await store.queue.admit([store.entry(2), store.entry(3)]);
    expect(await store.queue.dequeue(4, 10)).to.deep.equal({ kind: 'stale_epoch' });
    expect(await store.queue.listQueued(0, 10)).to.deep.equal(['run-2', 'run-3']);
  });

  it('two leaders at once start each run once and keep to the limit', async () => {
    await waiting(50, 10);
    const other = await store.another();
    const rounds = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? store : other).queue.dequeue(EPOCH, 3)),
    );
    const runs = rounds.flatMap((round) => granted(round as Dequeued));
    // Two connections: whose call Redis serves first is not the order in which they were made.
    expect(runs).to.have.members(Array.from({ length: 10 }, (_, index) => `run-${index + 1}`));
  });
});
