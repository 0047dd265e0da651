import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import type { AdmitEntry, Admitted } from './results.ts';

const STARTED = { kind: 'started' } as const;

describe('admission', () => {
  let store: OwnClockedStore;

  before(async () => {
    store = await ownClockedStore();
  });
  beforeEach(() => store.reset());
  after(() => store.close());
  const admit = async (...entries: AdmitEntry[]) => (await store.queue.admit(entries)) as Admitted;
  const kinds = (admitted: Admitted) => admitted.results.map(({ kind }) => kind);
  const positions = (admitted: Admitted) =>
    admitted.results.map((result) => (result.kind === 'queued' ? result.position : null));
  const entries = (from: number, to: number, but: Partial<AdmitEntry> = {}) =>
    Array.from({ length: to - from + 1 }, (_, index) => store.entry(from + index, but));
  const raiseLevel = () =>
    store.users.join(
      'r1',
      Array.from({ length: 20 }, (_, index) => `user-${index}`),
    );
  const ready = () => store.connections.command.lrange(`${store.prefix}:{cap}:ready`, 0, -1);

  it('starts runs while slots are free, then queues them, in one batch or in many', async () => {
    await store.reset({ max_workflows: 3 });
    const admitted = await admit(...entries(1, 5));
    expect(kinds(admitted)).to.deep.equal(['started', 'started', 'started', 'queued', 'queued']);
    expect(positions(admitted)).to.deep.equal([null, null, null, 1, 2]);
    expect(admitted).to.include({ level: 'normal', queueLength: 2 });
    expect(positions(await admit(...entries(6, 6)))).to.deep.equal([3]);
  });

  it('started runs are in the ready list in order, with attempt floor, grant time and number', async () => {
    await admit(store.entry(1), store.entry(2, { attemptFloor: 3 }));
    const { now } = store.clock;
    expect(await ready()).to.deep.equal([`run-1:0:${now}:1`, `run-2:3:${now}:2`]);
  });

  it('starts nothing past the queue: a free slot belongs to those who wait', async () => {
    await store.reset({ max_workflows: 1 });
    await admit(...entries(1, 2));
    await store.slots.release([{ runId: 'run-1', attempt: 1, sample: null }]);
    expect(kinds(await admit(...entries(3, 3)))).to.deep.equal(['queued']);
  });

  it('queues every new run at level elevated, although slots are free, and wakes the leader', async () => {
    await raiseLevel();
    const woken = new Promise((resolve) => store.channels.onWake(() => resolve('woken')));
    const admitted = await admit(...entries(1, 2));
    expect(kinds(admitted)).to.deep.equal(['queued', 'queued']);
    expect(admitted.level).to.equal('elevated');
    expect(await woken).to.equal('woken');
  });

  it('starts nothing with a limit of 0', async () => {
    await store.reset({ max_workflows: 0 });
    expect(kinds(await admit(...entries(1, 2)))).to.deep.equal(['queued', 'queued']);
  });

  it('orders by acceptance with a head start for priorities, ties by sequence number, whatever order they come in', async () => {
    await store.reset({ max_workflows: 0 });
    const { now } = store.clock;
    await admit(
      store.entry(4, { acceptedAt: now }),
      store.entry(3, { acceptedAt: now, priority: 'low' }),
      store.entry(9, { acceptedAt: now + 59_999, priority: 'high' }),
      store.entry(2, { acceptedAt: now }),
      store.entry(10, { acceptedAt: now + 60_001, priority: 'high' }),
      store.entry(8, { acceptedAt: now + 59_999 }),
    );
    expect(await store.queue.listQueued(0, 10)).to.deep.equal(['run-9', 'run-2', 'run-4', 'run-10', 'run-8', 'run-3']);
  });

  it('answers the exact position of each run of a batch, between those who wait already as well', async () => {
    await store.reset({ max_workflows: 0, queue_max_per_user: 1000 });
    const random = (n: number) => Math.floor(Math.random() * n);
    const scattered = (seq: number) =>
      store.entry(seq, {
        acceptedAt: store.clock.now + random(50),
        priority: (['high', 'normal', 'low'] as const)[random(3)] ?? 'low',
      });
    let seq = 0;
    for (const size of [1, 2, 40, 3, 100]) {
      const batch = Array.from({ length: size }, () => scattered(++seq));
      const admitted = await admit(...batch);
      const order = await store.queue.listQueued(0, 1000);
      expect(positions(admitted)).to.deep.equal(batch.map(({ runId }) => order.indexOf(runId) + 1));
    }
  });

  it('a repeat changes nothing and answers the place the run has', async () => {
    await store.reset({ max_workflows: 1 });
    await admit(...entries(1, 3));
    await store.clock.advance(1_000);
    const again = await admit(...entries(1, 3).map((entry) => ({ ...entry, acceptedAt: entry.acceptedAt - 1_000 })));
    const expiresAt = store.clock.now - 1_000 + 300_000;
    expect(again.results).to.deep.equal([
      STARTED,
      { kind: 'queued', position: 1, expiresAt, alreadyKnown: true },
      { kind: 'queued', position: 2, expiresAt, alreadyKnown: true },
    ]);
    expect(again.queueLength).to.equal(2);
    expect(await ready()).to.have.length(1);
  });

  it('the same run twice in one batch is one run', async () => {
    await store.reset({ max_workflows: 1 });
    const admitted = await admit(store.entry(1), store.entry(1), store.entry(2), store.entry(2));
    expect(kinds(admitted)).to.deep.equal(['started', 'started', 'queued', 'queued']);
    expect(positions(admitted)).to.deep.equal([null, null, 1, 1]);
    expect(admitted.queueLength).to.equal(1);
  });

  it('a retried run ends its earlier life: the slot is free, its old worker is shut out, it waits its turn', async () => {
    await store.reset({ max_workflows: 1 });
    await admit(...entries(1, 2));
    await store.slots.take(1, new AbortController().signal);
    await store.slots.renew([{ runId: 'run-1', attempt: 1 }]);
    const retried = await admit(store.entry(1, { attemptFloor: 1, acceptedAt: store.clock.now + 5 }));
    expect(positions(retried)).to.deep.equal([2]);
    expect(await store.slots.renew([{ runId: 'run-1', attempt: 1 }])).to.deep.equal(['lost']);
    expect(await store.queue.dequeue(1, 10)).to.deep.include({ granted: [{ runId: 'run-2', userId: 'ann' }] });
    const late = await admit(store.entry(1));
    expect(late.results, 'a late repeat of the first life').to.have.nested.property('[0].alreadyKnown', true);
  });

  it('a waiting run of an earlier life leaves its place, also when a batch names it twice', async () => {
    await store.reset({ max_workflows: 1 });
    await admit(...entries(1, 3));
    const again = (seq: number) => store.entry(seq, { attemptFloor: 1, acceptedAt: store.clock.now + 5 });
    const admitted = await admit(again(2), again(2), again(1), again(1));
    expect(positions(admitted)).to.deep.equal([3, 3, 2, 2]);
    expect(await store.queue.listQueued(0, 10)).to.deep.equal(['run-3', 'run-1', 'run-2']);
    expect(await ready()).to.deep.equal([]);
  });

  it('refuses beyond the bound of the user first, then beyond that of the queue', async () => {
    await store.reset({ max_workflows: 0, queue_max: 3, queue_max_per_user: 2 });
    const bob = { userId: 'bob' };
    const admitted = await admit(...entries(1, 3), ...entries(4, 6, bob));
    expect(kinds(admitted)).to.deep.equal([
      'queued',
      'queued',
      'user_queue_full',
      'queued',
      'queue_full',
      'queue_full',
    ]);
    expect(admitted.queueLength).to.equal(3);
    await store.queue.cancel('run-1');
    expect(kinds(await admit(...entries(7, 8)))).to.deep.equal(['queued', 'user_queue_full']);
    expect(await store.queue.positions(['run-3', 'run-5'])).to.deep.equal([
      { runId: 'run-3', position: null, expiresAt: null },
      { runId: 'run-5', position: null, expiresAt: null },
    ]);
  });

  it('refuses nobody who was promised a place before', async () => {
    await store.reset({ max_workflows: 0, queue_max: 1, queue_max_per_user: 1 });
    const admitted = await admit(store.entry(1), store.entry(2, { promised: true }), store.entry(3, { userId: 'bob' }));
    expect(kinds(admitted)).to.deep.equal(['queued', 'queued', 'queue_full']);
  });

  it('expiry is the one given, or the queue timeout from now', async () => {
    await store.reset({ max_workflows: 0, queue_timeout_seconds: 1.5 });
    const { now } = store.clock;
    const { results } = await admit(store.entry(1), store.entry(2, { expiresAt: now + 77 }));
    expect(results).to.deep.equal([
      { kind: 'queued', position: 1, expiresAt: now + 1_500, alreadyKnown: false },
      { kind: 'queued', position: 2, expiresAt: now + 77, alreadyKnown: false },
    ]);
  });

  it('takes any user id, and more runs than one script may', async () => {
    await store.reset({ max_workflows: 0, queue_max: 10_000, queue_max_per_user: 10_000 });
    const admitted = await admit(...entries(1, 2_500, { userId: 'a:b|c {ö}' }));
    expect(positions(admitted)).to.deep.equal(entries(1, 2_500).map(({ seq }) => seq));
    expect(await store.queue.positions(['run-2500'])).to.have.nested.property('[0].position', 2_500);
    await store.queue.cancel('run-1');
    expect(await store.queue.positions(['run-2500'])).to.have.nested.property('[0].position', 2_499);
  });

  it('pages through the queue in its order', async () => {
    await store.reset({ max_workflows: 0 });
    await admit(...entries(1, 5));
    expect(await store.queue.page(1, 2)).to.deep.equal([
      { runId: 'run-2', workflowId: 'flow', score: store.entry(2).acceptedAt },
      { runId: 'run-3', workflowId: 'flow', score: store.entry(3).acceptedAt },
    ]);
    expect(await store.queue.listQueued(4, 10)).to.deep.equal(['run-5']);
    expect(await store.queue.listQueued(5, 10)).to.deep.equal([]);
  });
});
